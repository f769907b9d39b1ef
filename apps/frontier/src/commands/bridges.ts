import type { Command } from '../cli/command.js'
import { momentText, millisecondsOf } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'
import { countText } from '../cli/quantity.js'
import { Table } from '../cli/table.js'

/** `frontier bridges` */
export const bridges: Command = {
  path: ['bridges'],
  summary: 'list the bridges into message brokers, and how they are',
  details: ['PUBLISHED, REFUSED and WAITING count messages of edges; DELIVERED and DEAD those for edges: edges were done with them, or they were given up.'],
  usesGateway: true,
  hasJson: true,
  examples: [[`frontier bridges --json | jq -r '.bridges[] | select(.state != "online") | .name'`, 'those that are away from their broker']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const { bridges: all } = await admin.listBridges({}, { signal: host.stop })
    if (input.isSet('json')) {
      const { BridgeSchema } = await import('@frontier/controlplane/api')
      const { jsonOf } = await import('../cli/gateway-api.js')
      return writeJson(host.out, { bridges: all.map((bridge) => jsonOf(BridgeSchema, bridge)) })
    }
    const table = new Table(host.out, [
      { title: 'NAME' },
      { title: 'STATE' },
      { title: 'PUBLISHED', align: 'right' },
      { title: 'REFUSED', align: 'right' },
      { title: 'WAITING', align: 'right' },
      { title: 'DELIVERED', align: 'right' },
      { title: 'DEAD', align: 'right' },
      { title: 'TOPICS', isFlexible: true },
      { title: 'LAST ERROR (UTC)', isFlexible: true },
    ])
    await table.write(
      all.map(({ name, state, published, refused, waiting, delivered, deadLettered, topics, lastError }) => [
        name,
        state,
        countText(published),
        countText(refused),
        countText(waiting),
        countText(delivered),
        countText(deadLettered),
        topics.join(' '),
        lastError === undefined ? '' : `${momentText(millisecondsOf(lastError.at))} ${lastError.code}: ${lastError.reason}`,
      ]),
    )
  },
}
