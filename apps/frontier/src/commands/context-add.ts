import path from 'node:path'

import { FrontierError } from '@frontier/wire'

import type { Command } from '../cli/command.js'
import { givenToken, urlOf } from '../cli/connection.js'
import { given } from '../cli/input.js'
import { optional } from '../cli/optional.js'

/** `frontier context add` */
export const contextAdd: Command = {
  path: ['context', 'add'],
  summary: 'give a gateway, and who to be there, a name',
  details: ['The first context is the one to use from then on. The file is $XDG_CONFIG_HOME/frontier/contexts.json, else ~/.config/frontier/contexts.json, which only its owner can read.'],
  positionals: [{ name: 'NAME', kind: 'text', summary: 'letters, digits, dots, dashes and underscores' }],
  flags: [
    { name: 'address', kind: 'text', placeholder: 'ADDRESS', summary: 'control plane of the gateway, host:port or a URL', preset: 'http://127.0.0.1:30010' },
    { name: 'token', kind: 'text', placeholder: 'TOKEN', summary: 'bearer token; others on this machine can see it in the list of processes' },
    { name: 'token-file', kind: 'file', placeholder: 'FILE', summary: 'file with the bearer token, which is copied; - is stdin' },
    { name: 'ca', kind: 'file', placeholder: 'FILE', summary: 'PEM certificates to trust, instead of those of the system' },
    { name: 'cert', kind: 'file', placeholder: 'FILE', summary: 'PEM client certificate' },
    { name: 'key', kind: 'file', placeholder: 'FILE', summary: 'PEM key of the client certificate' },
    { name: 'replace', kind: 'switch', summary: 'take the place of one of the same name' },
  ],
  usesGateway: false,
  examples: [
    ['frontier context add prod --address https://gw.example.com:30010 --token-file - < token', 'the token does not pass through the list of processes'],
    ['frontier context add local --address 127.0.0.1:30010', 'a gateway on this machine'],
  ],
  async run(input, host) {
    const name = given(input.text('NAME'))
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(name)) throw new FrontierError('INVALID_ARGUMENT', `${JSON.stringify(name)} is no name for a context`)
    if (input.isSet('cert') !== input.isSet('key')) throw new FrontierError('INVALID_ARGUMENT', '--cert and --key go together')
    const absolute = (flag: string): string | undefined => {
      const file = input.text(flag)
      return file === undefined ? undefined : path.resolve(file)
    }
    const files = optional({ ca: absolute('ca'), cert: absolute('cert'), key: absolute('key') })
    const address = urlOf(input.text('address') ?? '127.0.0.1', Object.keys(files).length > 0)
    const context = { address, ...optional({ token: await givenToken(input, () => host.readStdin()) }), ...files }
    const { current = name, contexts } = await host.contexts.read()
    if (Object.hasOwn(contexts, name) && !input.isSet('replace')) {
      throw new FrontierError('INVALID_ARGUMENT', `there is a context ${name} already; give --replace to put this one in its place`)
    }
    await host.contexts.write({ current, contexts: { ...contexts, [name]: context } })
    await host.out.write(`added context ${name}${current === name ? ', which is the current one' : ''}\n`)
  },
}
