import type { Command } from '../cli/command.js'
import { durationText, millisecondsOf, momentText, timestampOf } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'
import { countText } from '../cli/quantity.js'
import { serviceTarget, serviceTargetFlags, serviceTargetPositionals, serviceTargetText } from '../cli/service-target.js'

/** `frontier services ban` */
export const servicesBan: Command = {
  path: ['services', 'ban'],
  summary: 'keep a service out for a time, by its id or its name, and close the links it has now',
  details: [
    'A newer ban takes the place of the older one. Bans end with the gateway process at the latest.',
    'By name it holds for all services of that name. By id it holds for one that asks for that id or resumes it: others have a new id with each link.',
  ],
  positionals: serviceTargetPositionals,
  flags: [
    ...serviceTargetFlags,
    { name: 'for', kind: 'duration', placeholder: 'DURATION', summary: 'how long; without it until frontier services unban' },
    { name: 'reason', kind: 'text', placeholder: 'TEXT', summary: 'why; the service is told' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier services ban --name billing --for 10m --reason "bad release"', 'all of them are closed, and refused for ten minutes']],
  async run(input, host) {
    const target = serviceTarget(input)
    const { admin } = await host.gateway()
    const forMs = input.number('for')
    const request = { ...target, reason: input.text('reason') ?? '', ...(forMs === undefined ? {} : { duration: timestampOf(forMs) }) }
    const { ban, closed } = await admin.banService(request, { signal: host.stop })
    if (input.isSet('json')) {
      const { BanServiceResponseSchema } = await import('@frontier/controlplane/api')
      const { create } = await import('@bufbuild/protobuf')
      const { jsonOf } = await import('../cli/gateway-api.js')
      return writeJson(host.out, jsonOf(BanServiceResponseSchema, create(BanServiceResponseSchema, { closed, ...(ban === undefined ? {} : { ban }) })))
    }
    const until = forMs === undefined ? 'until it is unbanned' : `for ${durationText(forMs)}, until ${momentText(millisecondsOf(ban?.until))} UTC`
    await host.out.write(`banned ${serviceTargetText(target)} ${until}${closed > 0n ? `; ${closed === 1n ? 'one was' : `${countText(closed)} were`} online` : ''}\n`)
  },
}
