import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'
import { writeJson } from '../cli/output.js'

/** `frontier services kick` */
export const servicesKick: Command = {
  path: ['services', 'kick'],
  summary: `close a service's link; it may come back`,
  positionals: [{ name: 'SERVICE', kind: 'id', summary: 'its id, not its name' }],
  flags: [{ name: 'reason', kind: 'text', placeholder: 'TEXT', summary: 'why; the service is told' }],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier services kick 7710869827045607286', 'it is closed with KICKED, and dials again']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const serviceId = given(input.id('SERVICE'))
    await admin.kickService({ serviceId, reason: input.text('reason') ?? '' }, { signal: host.stop })
    if (input.isSet('json')) await writeJson(host.out, { service_id: serviceId.toString(), kicked: true })
    else await host.out.write(`kicked service ${serviceId}\n`)
  },
}
