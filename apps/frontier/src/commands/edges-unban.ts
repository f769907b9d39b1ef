import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'
import { writeJson } from '../cli/output.js'

/** `frontier edges unban` */
export const edgesUnban: Command = {
  path: ['edges', 'unban'],
  summary: 'let a banned edge id in again',
  positionals: [{ name: 'EDGE', kind: 'id', summary: 'its id' }],
  usesGateway: true,
  hasJson: true,
  examples: [['frontier edges unban 1001', 'it gets in when it dials next']],
  async run(input, host) {
    const { admin } = await host.gateway()
    const edgeId = given(input.id('EDGE'))
    await admin.unbanEdge({ edgeId }, { signal: host.stop })
    if (input.isSet('json')) await writeJson(host.out, { edge_id: edgeId.toString(), unbanned: true })
    else await host.out.write(`unbanned edge ${edgeId}\n`)
  },
}
