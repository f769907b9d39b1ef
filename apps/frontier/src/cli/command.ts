import type { CliHost } from './cli-host.js'
import type { Input } from './input.js'

/** What a value on the command line is read as: see `readValue`. A `switch` has none. */
export type ValueKind = 'switch' | 'text' | 'id' | 'integer' | 'size' | 'duration' | 'time' | 'label' | 'file' | 'choice'

interface Value {
  readonly kind: ValueKind
  /** One line, no full stop. */
  readonly summary: string
  /** What a `choice` may be. */
  readonly choices?: readonly string[]
}

/** A value that stands for itself: `EDGE`. */
export interface Positional extends Value {
  /** In capitals. */
  readonly name: string
  readonly isOptional?: boolean
  /** What a shell may offer. */
  readonly completes?: 'contexts'
}

/** A value or a switch behind `--name`. */
export interface Flag extends Value {
  /** Without the dashes. */
  readonly name: string
  readonly short?: string
  /** What stands for its value in the help: `DURATION`. */
  readonly placeholder?: string
  readonly isRepeatable?: boolean
  /** As one would write it. */
  readonly preset?: string
  readonly completes?: 'contexts'
}

/** One command of the program: help, completion, docs/cli.md and the reading of its arguments all come from this. */
export interface Command {
  /** Its words: `['edges', 'ls']`. */
  readonly path: readonly string[]
  /** One line, no full stop. */
  readonly summary: string
  /** What else is to be known, in paragraphs. */
  readonly details?: readonly string[]
  readonly positionals?: readonly Positional[]
  readonly flags?: readonly Flag[]
  /** It talks to a gateway: takes the flags that say which. */
  readonly usesGateway: boolean
  /** Takes --json. */
  readonly hasJson?: boolean
  /** Command lines, each with what it does. */
  readonly examples: readonly (readonly [commandLine: string, meaning: string])[]
  /** Does it. A return is exit code 0, a FrontierError that of its code. */
  run(input: Input, host: CliHost): Promise<void>
}

/** Flags that every command takes. */
export const commonFlags: readonly Flag[] = [{ name: 'help', short: 'h', kind: 'switch', summary: 'print how it is used, and exit' }]

/** The flag of commands that can answer to a program. */
export const jsonFlag: Flag = { name: 'json', kind: 'switch', summary: 'JSON for programs: ids are decimal strings' }

/** Flags that say which gateway, and as whom. */
export const gatewayFlags: readonly Flag[] = [
  {
    name: 'context',
    kind: 'text',
    placeholder: 'NAME',
    completes: 'contexts',
    summary: 'the named context to use; else $FRONTIER_CONTEXT, else what `frontier context use` has set',
  },
  { name: 'address', kind: 'text', placeholder: 'ADDRESS', summary: 'control plane of the gateway, host:port or a URL', preset: 'http://127.0.0.1:30010' },
  { name: 'token', kind: 'text', placeholder: 'TOKEN', summary: 'bearer token; others on this machine can see it in the list of processes' },
  { name: 'token-file', kind: 'file', placeholder: 'FILE', summary: 'file with the bearer token; - is stdin' },
  { name: 'ca', kind: 'file', placeholder: 'FILE', summary: 'PEM certificates to trust, instead of those of the system' },
  { name: 'cert', kind: 'file', placeholder: 'FILE', summary: 'PEM client certificate' },
  { name: 'key', kind: 'file', placeholder: 'FILE', summary: 'PEM key of the client certificate' },
  { name: 'timeout', kind: 'duration', placeholder: 'DURATION', summary: 'how long each answer may take', preset: '10s' },
]

/** All flags of a command, its own first. A command's own flag of the same name takes the place of a common one. */
export function flagsOf(command: Command): readonly Flag[] {
  const own = command.flags ?? []
  const common = [...(command.hasJson === true ? [jsonFlag] : []), ...(command.usesGateway ? gatewayFlags : []), ...commonFlags]
  return [...own, ...common.filter(({ name }) => !own.some((flag) => flag.name === name))]
}

/** `EDGE METHOD [DATA]` */
export function positionalsText(command: Command): string {
  return (command.positionals ?? []).map(({ name, isOptional }) => (isOptional === true ? `[${name}]` : name)).join(' ')
}
