import type { Command } from '../cli/command.js'
import { writeJson } from '../cli/output.js'
import { serviceTarget, serviceTargetFlags, serviceTargetPositionals, serviceTargetText } from '../cli/service-target.js'

/** `frontier services unban` */
export const servicesUnban: Command = {
  path: ['services', 'unban'],
  summary: 'let a banned service in again',
  positionals: serviceTargetPositionals,
  flags: serviceTargetFlags,
  usesGateway: true,
  hasJson: true,
  examples: [['frontier services unban --name billing', 'they get in when they dial next']],
  async run(input, host) {
    const target = serviceTarget(input)
    const { admin } = await host.gateway()
    await admin.unbanService(target, { signal: host.stop })
    if (input.isSet('json')) await writeJson(host.out, { service_id: target.serviceId.toString(), name: target.name, unbanned: true })
    else await host.out.write(`unbanned ${serviceTargetText(target)}\n`)
  },
}
