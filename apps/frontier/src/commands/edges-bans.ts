import type { Command } from '../cli/command.js'
import { millisecondsOf, momentText } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'
import { Table } from '../cli/table.js'

/** `frontier edges bans` */
export const edgesBans: Command = {
  path: ['edges', 'bans'],
  summary: 'list the edge ids that are kept out',
  usesGateway: true,
  hasJson: true,
  examples: [['frontier edges bans', 'who is out, why, by whom and until when']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const { bans } = await admin.listBans({}, { signal: host.stop })
    if (input.isSet('json')) {
      const { BanSchema } = await import('@frontier/controlplane/api')
      const { jsonOf } = await import('../cli/gateway-api.js')
      return writeJson(host.out, { bans: bans.map((ban) => jsonOf(BanSchema, ban)) })
    }
    const table = new Table(host.out, [
      { title: 'EDGE', align: 'right' },
      { title: 'SINCE (UTC)' },
      { title: 'UNTIL (UTC)' },
      { title: 'BY', isFlexible: true },
      { title: 'REASON', isFlexible: true },
    ])
    await table.write(
      bans.map(({ edgeId, since, until, by, reason }) => [edgeId.toString(), momentText(millisecondsOf(since)), momentText(millisecondsOf(until)), by, reason]),
    )
  },
}
