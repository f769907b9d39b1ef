import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'
import { writeJson } from '../cli/output.js'

/** `frontier edges kick` */
export const edgesKick: Command = {
  path: ['edges', 'kick'],
  summary: `close an edge's link; it may come back`,
  positionals: [{ name: 'EDGE', kind: 'id', summary: 'its id' }],
  flags: [{ name: 'reason', kind: 'text', placeholder: 'TEXT', summary: 'why; the edge is told' }],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier edges kick 1001 --reason "new firmware"', 'it is closed with KICKED, and dials again']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const edgeId = given(input.id('EDGE'))
    await admin.kickEdge({ edgeId, reason: input.text('reason') ?? '' }, { signal: host.stop })
    if (input.isSet('json')) await writeJson(host.out, { edge_id: edgeId.toString(), kicked: true })
    else await host.out.write(`kicked edge ${edgeId}\n`)
  },
}
