import { FrontierError, type FrontierErrorCode } from '@frontier/wire'

/** What nsqd's errors begin with, and what they mean to whoever published. The connection is closed after each of them. */
const codes: Readonly<Record<string, FrontierErrorCode>> = {
  E_INVALID: 'INVALID_ARGUMENT',
  E_BAD_TOPIC: 'INVALID_ARGUMENT',
  E_BAD_CHANNEL: 'INVALID_ARGUMENT',
  E_BAD_MESSAGE: 'PAYLOAD_TOO_LARGE',
  E_BAD_BODY: 'PAYLOAD_TOO_LARGE',
  E_UNAUTHORIZED: 'PERMISSION_DENIED',
  E_AUTH_FIRST: 'UNAUTHENTICATED',
  E_AUTH_FAILED: 'UNAUTHENTICATED',
  E_AUTH_ERROR: 'UNAUTHENTICATED',
  E_AUTH_DISABLED: 'INVALID_ARGUMENT',
}

/** Why a connection did not come about, or is no more. */
export function linkError(error: unknown, where: string): FrontierError {
  if (error instanceof FrontierError) return error
  const text = error instanceof Error ? error.message : String(error)
  // Before anything was published nsqd finds fault with how the connection is set up, which is not a matter of size.
  const found = codes[text.split(' ', 1)[0]!]
  const code = found === undefined ? 'BRIDGE_UNAVAILABLE' : found === 'PAYLOAD_TOO_LARGE' ? 'INVALID_ARGUMENT' : found
  return new FrontierError(code, `nsqd at ${where}: ${text}`, { cause: error })
}

/** What nsqd said to a command that published. */
export interface PublishFault {
  /** The error of a message that is to blame; undefined = it is not, and can be sent again. */
  blame(bytes: number): FrontierError | undefined
  /** nsqd's limits, where it told them. */
  readonly maxMessageBytes?: number
  readonly maxBodyBytes?: number
  /** Nobody may publish to this topic: worth keeping for a while. */
  readonly denied?: FrontierError
}

/** Finds out what nsqd has against a command. Undefined: nothing, it is the connection that went, or nsqd that is in trouble. */
export function publishFault(error: Error, where: string): PublishFault | undefined {
  const code = codes[error.message.split(' ', 1)[0]!]
  if (code === undefined) return undefined
  const made = new FrontierError(code, `nsqd at ${where}: ${error.message}`, { cause: error })
  const limit = Number(/ too big \d+ > (\d+)/.exec(error.message)?.[1])
  if (code === 'PAYLOAD_TOO_LARGE' && limit > 0) {
    // A command that is too long is ours to cut; a message that is too long is the edge's.
    if (error.message.startsWith('E_BAD_BODY')) return { maxBodyBytes: limit, blame: () => undefined }
    return { maxMessageBytes: limit, blame: (bytes) => (bytes > limit ? made : undefined) }
  }
  return { blame: () => made, ...(code === 'PERMISSION_DENIED' && { denied: made }) }
}
