import { parseArgs } from 'node:util'

import { FrontierError } from '@frontier/wire'

import { flagsOf, type Command, type Flag, type Positional } from './command.js'
import { Input } from './input.js'
import { leadingFlags } from './leading-flags.js'
import { readValue, type ReadValue } from './read-value.js'

/** What a command line asks for: a command with its input, or the help of one, or of all that begin with `words`. */
export type Request = { kind: 'run'; command: Command; input: Input } | { kind: 'help'; words: readonly string[] }

/** Reads the arguments behind the program's name by the table of commands. @throws INVALID_ARGUMENT with what is wrong, and where to read. */
export function parseCommand(commands: readonly Command[], args: readonly string[]): Request {
  const at = indexOfFirstWord(args)
  const words = wordsAt(commands, args, at)
  if (args[at] === 'help') return helpOf(commands, args.slice(at + 1))
  const command = commands.find(({ path }) => path.join(' ') === words.join(' '))
  const rest = args.toSpliced(at, words.length)
  if (command === undefined) {
    if (rest.some((arg) => arg === '--help' || arg === '-h')) return helpOf(commands, words)
    throw unknownWord(commands, words, args[at + words.length])
  }
  try {
    return parseFor(command, rest)
  } catch (error) {
    if (!(error instanceof FrontierError)) throw error
    throw new FrontierError('INVALID_ARGUMENT', `${error.reason}; see frontier ${command.path.join(' ')} --help`)
  }
}

/** Flags that say which gateway may stand before the command. */
function indexOfFirstWord(args: readonly string[]): number {
  let at = 0
  while (at < args.length && args[at]!.startsWith('--')) {
    const [name, value] = args[at]!.slice(2).split('=', 2)
    const flag = leadingFlags.find((known) => known.name === name)
    at += flag === undefined || flag.kind === 'switch' || value !== undefined ? 1 : 2
  }
  return at
}

/** As many words as some command begins with. */
function wordsAt(commands: readonly Command[], args: readonly string[], at: number): string[] {
  const words: string[] = []
  for (const arg of args.slice(at)) {
    if (!commands.some(({ path }) => path.length > words.length && [...words, arg].every((word, index) => word === path[index]))) break
    words.push(arg)
  }
  return words
}

function helpOf(commands: readonly Command[], words: readonly string[]): Request {
  const asked = words.filter((word) => !word.startsWith('-'))
  const known = wordsAt(commands, asked, 0)
  if (known.length < asked.length) throw unknownWord(commands, known, asked[known.length])
  return { kind: 'help', words: known }
}

function unknownWord(commands: readonly Command[], words: readonly string[], next: string | undefined): FrontierError {
  const see = `see frontier ${[...words, '--help'].join(' ')}`
  const begun = commands.filter(({ path }) => words.every((word, index) => word === path[index]))
  const choices = [...new Set(begun.flatMap(({ path }) => path[words.length] ?? []))].join(', ')
  if (words.length === 0) {
    const problem = next === undefined ? 'a command is missing' : `unknown command ${JSON.stringify(next)}`
    return new FrontierError('INVALID_ARGUMENT', `${problem}; ${see}`)
  }
  const but = next === undefined || next.startsWith('-') ? '' : `, not ${JSON.stringify(next)}`
  return new FrontierError('INVALID_ARGUMENT', `frontier ${words.join(' ')} needs one of ${choices}${but}; ${see}`)
}

function parseFor(command: Command, args: readonly string[]): Request {
  const flags = flagsOf(command)
  const options = Object.fromEntries(
    flags.map(({ name, short, kind }) => [name, { type: kind === 'switch' ? ('boolean' as const) : ('string' as const), ...(short === undefined ? {} : { short }) }]),
  )
  // Not strict: the messages of parseArgs are for programmers.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const positionals = command.positionals ?? []
  const values = new Map<string, ReadValue[]>([...flags, ...positionals].map(({ name }) => [name, []]))
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const flag = flags.find(({ name }) => name === token.name)
    if (flag === undefined) throw new FrontierError('INVALID_ARGUMENT', `unknown flag ${token.rawName}`)
    if (flag.name === 'help') return { kind: 'help', words: command.path }
    values.get(flag.name)!.push(flagValue(flag, token))
  }
  for (const { name, isRepeatable } of flags) {
    if (isRepeatable !== true && values.get(name)!.length > 1) throw new FrontierError('INVALID_ARGUMENT', `flag --${name} is there twice`)
  }
  readPositionals(positionals, words, values)
  return { kind: 'run', command, input: new Input(values) }
}

function flagValue(flag: Flag, token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined }): ReadValue {
  const { rawName, value, inlineValue } = token
  if (flag.kind === 'switch') {
    if (value !== undefined) throw new FrontierError('INVALID_ARGUMENT', `flag ${rawName} takes no value`)
    return { text: '' }
  }
  const isNextFlag = inlineValue !== true && value?.startsWith('--') === true
  if (value === undefined || isNextFlag) throw new FrontierError('INVALID_ARGUMENT', `flag ${rawName} needs a value`)
  return readValue(flag, value, `flag --${flag.name}`)
}

function readPositionals(positionals: readonly Positional[], words: readonly string[], values: Map<string, ReadValue[]>): void {
  const missing = positionals.find(({ isOptional }, index) => isOptional !== true && index >= words.length)
  if (missing !== undefined) throw new FrontierError('INVALID_ARGUMENT', `${missing.name} is missing`)
  const unexpected = words[positionals.length]
  if (unexpected !== undefined) throw new FrontierError('INVALID_ARGUMENT', `unexpected argument ${JSON.stringify(unexpected)}`)
  words.forEach((word, index) => {
    const positional = positionals[index]!
    values.get(positional.name)!.push(readValue(positional, word, positional.name))
  })
}
