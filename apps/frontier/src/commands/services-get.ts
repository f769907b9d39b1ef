import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'
import { labelsText } from '../cli/listing.js'
import { millisecondsOf, momentText } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'
import { writeFields } from '../cli/table.js'

/** `frontier services get` */
export const servicesGet: Command = {
  path: ['services', 'get'],
  summary: 'show one service that is online',
  positionals: [{ name: 'SERVICE', kind: 'id', summary: 'its id, not its name' }],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier services get 7710869827045607286', 'what it has registered, and since when it is there']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const service = await admin.getService({ serviceId: given(input.id('SERVICE')) }, { signal: host.stop })
    if (input.isSet('json')) {
      const { ServiceSchema } = await import('@frontier/controlplane/api')
      const { jsonOf } = await import('../cli/gateway-api.js')
      return writeJson(host.out, jsonOf(ServiceSchema, service))
    }
    await writeFields(host.out, [
      ['service', service.serviceId.toString()],
      ['name', service.name],
      ['address', service.addr],
      ['online since', `${momentText(millisecondsOf(service.onlineAt), true)} UTC`],
      ['labels', labelsText(service.labels)],
      ['methods', service.methods.join(', ')],
      ['topics', service.topics.join(', ')],
    ])
  },
}
