import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'
import { labelsText } from '../cli/listing.js'
import { millisecondsOf, momentText } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'
import { writeFields } from '../cli/table.js'

/** `frontier edges get` */
export const edgesGet: Command = {
  path: ['edges', 'get'],
  summary: 'show one edge that is online',
  positionals: [{ name: 'EDGE', kind: 'id', summary: 'its id' }],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier edges get 1001', 'where it dials from, since when, what it has registered']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const edge = await admin.getEdge({ edgeId: given(input.id('EDGE')) }, { signal: host.stop })
    if (input.isSet('json')) {
      const { EdgeSchema } = await import('@frontier/controlplane/api')
      const { jsonOf } = await import('../cli/gateway-api.js')
      return writeJson(host.out, jsonOf(EdgeSchema, edge))
    }
    await writeFields(host.out, [
      ['edge', edge.edgeId.toString()],
      ['address', edge.addr],
      ['online since', `${momentText(millisecondsOf(edge.onlineAt), true)} UTC`],
      ['generation', edge.generation.toString()],
      ['labels', labelsText(edge.labels)],
      ['meta', edge.metaText],
      ['methods', edge.methods.join(', ')],
    ])
  },
}
