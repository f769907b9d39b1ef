import { FrontierError, isFrontierError, type FrontierErrorCode } from '@frontier/wire'

/** What an error says of the command it answers: the server did not do it, or nobody knows; and whether the connection is of use any longer. */
export interface RedisFault {
  readonly error: FrontierError
  readonly isConnectionOver: boolean
}

/** The first word of an answer, and what it means for a publish. */
const refusals: Readonly<Record<string, FrontierErrorCode>> = {
  WRONGTYPE: 'INVALID_ARGUMENT',
  ERR: 'INVALID_ARGUMENT',
  EXECABORT: 'INVALID_ARGUMENT',
  NOPERM: 'PERMISSION_DENIED',
  // It is there, but does not write for now.
  OOM: 'BRIDGE_UNAVAILABLE',
  MISCONF: 'BRIDGE_UNAVAILABLE',
  NOREPLICAS: 'BRIDGE_UNAVAILABLE',
  BUSY: 'BRIDGE_UNAVAILABLE',
}

/** Of these another connection is the cure: the server is not the one that takes the key any longer, or not yet, or does not know us any more. */
const elsewhere: Readonly<Record<string, FrontierErrorCode>> = {
  READONLY: 'BRIDGE_UNAVAILABLE',
  MOVED: 'BRIDGE_UNAVAILABLE',
  ASK: 'BRIDGE_UNAVAILABLE',
  TRYAGAIN: 'BRIDGE_UNAVAILABLE',
  CLUSTERDOWN: 'BRIDGE_UNAVAILABLE',
  MASTERDOWN: 'BRIDGE_UNAVAILABLE',
  LOADING: 'BRIDGE_UNAVAILABLE',
  NOAUTH: 'UNAUTHENTICATED',
  WRONGPASS: 'UNAUTHENTICATED',
}

/** What `error`, an answer of a server or a failure of the connection to it, means. */
export function redisFault(error: unknown, where: string): RedisFault {
  if (isFrontierError(error)) return { error, isConnectionOver: error.code === 'BRIDGE_UNAVAILABLE' }
  const text = error instanceof Error ? error.message : String(error)
  const word = wordOf(error)
  const refusal = word === undefined || isFull(text) ? undefined : refusals[word]
  if (refusal !== undefined) return { error: new FrontierError(refusal, `${where}: ${text}`, { cause: error }), isConnectionOver: false }
  const code = (word === undefined ? undefined : elsewhere[word]) ?? 'BRIDGE_UNAVAILABLE'
  return { error: new FrontierError(code, `${where}: ${text}`, { cause: error }), isConnectionOver: true }
}

/** The server has no room for one more connection, and closes it after the first word it says: that may be the answer to any command. */
function isFull(text: string): boolean {
  return text.startsWith('ERR max number of clients')
}

/** The first word of a server's answer: `WRONGTYPE`; undefined for what no server said. */
export function wordOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined
  return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR'
}
