import { contextNamed } from '../cli/context-store.js'
import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'

/** `frontier context rm` */
export const contextRm: Command = {
  path: ['context', 'rm'],
  summary: 'forget a context, and the token in it',
  positionals: [{ name: 'NAME', kind: 'text', completes: 'contexts', summary: 'one that was added' }],
  usesGateway: false,
  examples: [['frontier context rm prod', 'files that it names stay where they are']],
  async run(input, host) {
    const name = given(input.text('NAME'))
    const all = await host.contexts.read()
    contextNamed(all, name, 'RECORD_NOT_FOUND')
    const contexts = Object.fromEntries(Object.entries(all.contexts).filter(([other]) => other !== name))
    const isOther = all.current !== undefined && all.current !== name
    await host.contexts.write(isOther ? { current: all.current, contexts } : { contexts })
    await host.out.write(`removed context ${name}${isOther ? '' : '; none is the current one now'}\n`)
  },
}
