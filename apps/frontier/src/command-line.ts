import { parseArgs } from 'node:util'

import { FrontierError } from '@frontier/wire'

/** What the command line asks for. */
export type Command = { kind: 'help' } | { kind: 'version' } | ServeCommand

/** To run a gateway. */
export interface ServeCommand {
  readonly kind: 'serve'
  readonly config: string | undefined
  readonly loglevel: string | undefined
}

/** How a gateway is started: the beginning of what `--help` prints. */
export const usage = `Usage: frontier [--config FILE] [--loglevel LEVEL]
       frontier COMMAND [ARGUMENTS]

The Frontier gateway: services dial in on one port, edges on another, and it connects them. Without a command it is started:

  --config FILE      frontier.yaml; without it every setting has its default:
                     services on 0.0.0.0:30011, edges on 0.0.0.0:30012
  --loglevel LEVEL   debug, info, warn or error
  --help             print this and exit
  --version          print the version and exit

Environment: LOG_LEVEL, NODE_NAME, FRONTIER_SERVICEBOUND_PORT, FRONTIER_EDGEBOUND_PORT, FRONTIER_DRAIN_SECONDS,
FRONTIER_RESUME_KEY. A flag goes before the environment, the environment before the file.

SIGINT and SIGTERM finish what is in flight, then exit; a second one exits at once.
`

const options = {
  config: { type: 'string' },
  loglevel: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  // The verbosity of old versions of the family, still in its compose files and systemd units: taken and ignored.
  v: { type: 'string', short: 'v' },
} as const

/** Reads the arguments behind the program's name. @throws INVALID_ARGUMENT with the flag that is wrong. */
export function parseCommandLine(args: readonly string[]): Command {
  // Not strict: the messages of parseArgs are for programmers.
  const { tokens, values } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'positional') throw invalid(`unexpected argument ${JSON.stringify(token.value)}`)
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    if (!isOption(name)) throw invalid(`unknown flag ${rawName}`)
    if (options[name].type === 'boolean' && value !== undefined) throw invalid(`flag ${rawName} takes no value`)
    const isFollowedByFlag = value?.startsWith('-') === true && !token.inlineValue
    if (options[name].type === 'string' && name !== 'v' && (!value || isFollowedByFlag)) throw invalid(`flag ${rawName} needs a value`)
  }
  if (values.help === true) return { kind: 'help' }
  if (values.version === true) return { kind: 'version' }
  return { kind: 'serve', config: textOf(values.config), loglevel: textOf(values.loglevel) }
}

function isOption(name: string): name is keyof typeof options {
  return Object.hasOwn(options, name)
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function invalid(problem: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', `${problem}; see frontier --help`)
}
