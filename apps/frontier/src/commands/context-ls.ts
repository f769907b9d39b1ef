import path from 'node:path'

import type { Command } from '../cli/command.js'
import { writeJson } from '../cli/output.js'
import { Table } from '../cli/table.js'

/** `frontier context ls` */
export const contextLs: Command = {
  path: ['context', 'ls'],
  summary: 'list the contexts; tokens are not shown',
  flags: [{ name: 'names', kind: 'switch', summary: 'only their names, one a line' }],
  usesGateway: false,
  hasJson: true,
  examples: [['frontier context ls', 'the current one has a star']],
  async run(input, host) {
    const { current, contexts } = await host.contexts.read()
    const named = Object.entries(contexts).sort(([a], [b]) => (a < b ? -1 : 1))
    if (input.isSet('names')) return host.out.write(named.map(([name]) => `${name}\n`).join(''))
    if (input.isSet('json')) {
      const list = named.map(([name, { token, ...context }]) => ({ name, current: name === current, ...context, has_token: token !== undefined }))
      return writeJson(host.out, { contexts: list })
    }
    const table = new Table(host.out, [
      { title: 'CURRENT' },
      { title: 'NAME' },
      { title: 'ADDRESS', isFlexible: true },
      { title: 'TOKEN' },
      { title: 'TLS FILES', isFlexible: true },
    ])
    await table.write(
      named.map(([name, { address, token, ca, cert, key }]) => [
        name === current ? '*' : ' ',
        name,
        address ?? '',
        token === undefined ? 'no' : 'yes',
        [ca, cert, key].flatMap((file) => (file === undefined ? [] : [path.basename(file)])).join(','),
      ]),
    )
  },
}
