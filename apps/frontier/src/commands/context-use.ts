import { contextNamed } from '../cli/context-store.js'
import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'

/** `frontier context use` */
export const contextUse: Command = {
  path: ['context', 'use'],
  summary: 'use a context from now on, when none is named',
  positionals: [{ name: 'NAME', kind: 'text', completes: 'contexts', summary: 'one that was added' }],
  usesGateway: false,
  examples: [['frontier context use prod', 'frontier edges ls then asks prod']],
  async run(input, host) {
    const name = given(input.text('NAME'))
    const contexts = await host.contexts.read()
    contextNamed(contexts, name, 'RECORD_NOT_FOUND')
    await host.contexts.write({ ...contexts, current: name })
    await host.out.write(`using context ${name}\n`)
  },
}
