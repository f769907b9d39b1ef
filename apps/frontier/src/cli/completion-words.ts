import { flagsOf, type Command, type Flag, type Positional } from './command.js'

/** What can stand behind some words of a command line. */
export interface Place {
  /** `''`, `'edges'` or `'edges ls'`. */
  readonly words: string
  /** The next words of commands, each with what it is. */
  readonly next: readonly (readonly [word: string, summary: string])[]
  /** The flags of the command that is complete here. */
  readonly flags: readonly Flag[]
  readonly positionals: readonly Positional[]
}

/** What may be offered for a value: words of our own, names of contexts, files, or nothing. */
export type Offer = { kind: 'words'; words: readonly string[] } | { kind: 'contexts' } | { kind: 'files' } | { kind: 'nothing' }

const groups: Readonly<Record<string, string>> = {
  edges: 'the edges of a gateway',
  services: 'the services of a gateway',
  context: 'named gateways',
  help: 'how a command is used',
}

/** What each first word is about, when it is not a command by itself. */
export function groupSummary(word: string): string {
  return groups[word] ?? ''
}

/** All places of the table, the empty one first. */
export function placesOf(commands: readonly Command[]): Place[] {
  const places = new Map<string, { next: Map<string, string>; command: Command | undefined }>()
  const at = (words: readonly string[]): { next: Map<string, string>; command: Command | undefined } => {
    const key = words.join(' ')
    const place = places.get(key) ?? { next: new Map<string, string>(), command: undefined }
    places.set(key, place)
    return place
  }
  for (const command of commands) {
    command.path.forEach((word, index) => {
      const isLast = index === command.path.length - 1
      at(command.path.slice(0, index)).next.set(word, isLast ? command.summary : groupSummary(word))
    })
    at(command.path).command = command
  }
  at([]).next.set('help', groupSummary('help'))
  return [...places].map(([words, { next, command }]) => ({
    words,
    next: [...next],
    flags: command === undefined ? [] : flagsOf(command),
    positionals: command?.positionals ?? [],
  }))
}

/** What may be offered for the value of a flag or a positional. */
export function offerOf({ kind, choices, completes }: Pick<Flag, 'kind' | 'choices' | 'completes'>): Offer {
  if (completes === 'contexts') return { kind: 'contexts' }
  if (choices !== undefined) return { kind: 'words', words: choices }
  return { kind: kind === 'file' ? 'files' : 'nothing' }
}

/** Flags that have a value, of all commands, each once. */
export function valueFlags(places: readonly Place[]): string[] {
  const flags = places.flatMap((place) => place.flags.filter(({ kind }) => kind !== 'switch'))
  return [...new Set(flags.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]))].sort()
}
