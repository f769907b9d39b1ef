import type { Command } from '../cli/command.js'
import { millisecondsOf, momentText } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'
import { Table } from '../cli/table.js'

/** `frontier services bans` */
export const servicesBans: Command = {
  path: ['services', 'bans'],
  summary: 'list the services that are kept out',
  usesGateway: true,
  hasJson: true,
  examples: [['frontier services bans', 'which are out, why, by whom and until when']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const { bans } = await admin.listServiceBans({}, { signal: host.stop })
    if (input.isSet('json')) {
      const { ServiceBanSchema } = await import('@frontier/controlplane/api')
      const { jsonOf } = await import('../cli/gateway-api.js')
      return writeJson(host.out, { bans: bans.map((ban) => jsonOf(ServiceBanSchema, ban)) })
    }
    const table = new Table(host.out, [
      { title: 'SERVICE', align: 'right' },
      { title: 'NAME' },
      { title: 'SINCE (UTC)' },
      { title: 'UNTIL (UTC)' },
      { title: 'BY', isFlexible: true },
      { title: 'REASON', isFlexible: true },
    ])
    await table.write(
      bans.map(({ serviceId, name, since, until, by, reason }) => [
        serviceId === 0n ? '' : serviceId.toString(),
        name,
        momentText(millisecondsOf(since)),
        momentText(millisecondsOf(until)),
        by,
        reason,
      ]),
    )
  },
}
