import { isFrontierError, type FrontierError, type FrontierErrorCode } from '@frontier/wire'

import { escapeControls } from './escape.js'
import { exitCodeOf, exitCodes } from './exit-code.js'

/** How a command failed: one line for people, and what the program ends with. */
export interface Failure {
  readonly line: string
  readonly exitCode: number
}

const hints: Partial<Record<FrontierErrorCode, string>> = {
  EDGE_NOT_ONLINE: 'see frontier edges ls',
  SERVICE_NOT_ONLINE: 'see frontier services ls',
  RPC_NOT_ONLINE: 'see frontier edges get, or frontier rpcs',
  UNAUTHENTICATED: 'give a token with --token-file or a context, or a client certificate',
  PERMISSION_DENIED: 'it needs the role admin',
  TIMEOUT: 'give it longer with --timeout',
  REMOTE_ERROR: 'see the log of the edge',
  BUFFER_FULL: 'try again later',
  RATE_LIMITED: 'try again later',
}

/** What to say of whatever was thrown. The hint of the code is left out when the error brings one of its own, behind a semicolon. */
export function failureOf(thrown: unknown): Failure {
  if (!isFrontierError(thrown)) {
    const text = thrown instanceof Error ? thrown.message : String(thrown)
    return { line: oneLine(text), exitCode: exitCodes.failed }
  }
  const hint = thrown.reason.includes('; ') ? undefined : hints[thrown.code]
  return { line: oneLine(hint === undefined ? thrown.message : `${thrown.message}; ${hint}`), exitCode: exitCodeFor(thrown) }
}

/** The peer's own INVALID_ARGUMENT is a refusal: the command line was fine. */
function exitCodeFor({ code, origin }: FrontierError): number {
  return code === 'INVALID_ARGUMENT' && origin === 'peer' ? exitCodes.refused : exitCodeOf[code]
}

function oneLine(text: string): string {
  return escapeControls(text.replaceAll(/\s+/g, ' '))
}
