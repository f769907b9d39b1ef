import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'
import { durationText, millisecondsOf, momentText, timestampOf } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'

/** `frontier edges ban` */
export const edgesBan: Command = {
  path: ['edges', 'ban'],
  summary: 'keep an edge id out for a time, and close the link it has now',
  details: ['A newer ban takes the place of the older one. Bans end with the gateway process at the latest.'],
  positionals: [{ name: 'EDGE', kind: 'id', summary: 'its id; it need not be online' }],
  flags: [
    { name: 'for', kind: 'duration', placeholder: 'DURATION', summary: 'how long; without it until frontier edges unban' },
    { name: 'reason', kind: 'text', placeholder: 'TEXT', summary: 'why; the edge is told' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier edges ban 1001 --for 1h --reason "sends garbage"', 'it is closed, and refused for an hour']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const forMs = input.number('for')
    const request = { edgeId: given(input.id('EDGE')), reason: input.text('reason') ?? '' }
    const { ban, wasOnline } = await admin.banEdge(forMs === undefined ? request : { ...request, duration: timestampOf(forMs) }, { signal: host.stop })
    if (input.isSet('json')) {
      const { BanEdgeResponseSchema } = await import('@frontier/controlplane/api')
      const { create } = await import('@bufbuild/protobuf')
      const { jsonOf } = await import('../cli/gateway-api.js')
      return writeJson(host.out, jsonOf(BanEdgeResponseSchema, create(BanEdgeResponseSchema, { wasOnline, ...(ban === undefined ? {} : { ban }) })))
    }
    const until = forMs === undefined ? 'until it is unbanned' : `for ${durationText(forMs)}, until ${momentText(millisecondsOf(ban?.until))} UTC`
    await host.out.write(`banned edge ${request.edgeId} ${until}${wasOnline ? '; it was online' : ''}\n`)
  },
}
