import { gatewayFlags, jsonFlag, type Flag } from './command.js'

/** Flags that may stand before the words of a command. */
export const leadingFlags: readonly Flag[] = [...gatewayFlags, jsonFlag]

/** Whether the arguments are for a command, rather than flags of the gateway itself. */
export function isCommandLine(args: readonly string[]): boolean {
  const first = args[0] ?? ''
  const name = /^--([a-z-]+)/.exec(first)?.[1]
  return name === undefined ? first !== '' && !first.startsWith('-') : leadingFlags.some((flag) => flag.name === name)
}
