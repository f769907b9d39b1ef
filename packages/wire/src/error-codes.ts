/** The stable codes of {@link FrontierError}. */
export type FrontierErrorCode =
  | 'EDGE_NOT_ONLINE'
  | 'SERVICE_NOT_ONLINE'
  | 'RPC_NOT_ONLINE'
  | 'TOPIC_NOT_ONLINE'
  | 'ILLEGAL_EDGE_ID'
  | 'RECORD_NOT_FOUND'
  | 'TIMEOUT'
  | 'BUFFER_FULL'
  | 'EOF'
  | 'CANCELLED'
  | 'PAYLOAD_TOO_LARGE'
  | 'STREAM_RESET'
  | 'STREAM_REFUSED'
  | 'REMOTE_ERROR'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'RATE_LIMITED'
  | 'SLOW_CONSUMER'
  | 'REPLACED'
  | 'KICKED'
  | 'DRAINING'
  | 'BRIDGE_UNAVAILABLE'
  | 'PROTOCOL_ERROR'
  | 'INVALID_ARGUMENT'
  | 'UNAVAILABLE'

/** What is known of a code: whether trying again can help, and its meaning in a few words. */
export interface ErrorCodeInfo {
  readonly retryable: boolean
  readonly summary: string
}

/** What each error code means; docs/errors.md is held equal to this table by a test. */
export const errorCodes: Readonly<Record<FrontierErrorCode, ErrorCodeInfo>> = {
  EDGE_NOT_ONLINE: { retryable: true, summary: 'no edge with that id is connected' },
  SERVICE_NOT_ONLINE: { retryable: true, summary: 'no service of that name is connected' },
  RPC_NOT_ONLINE: { retryable: true, summary: 'nobody who could be reached has registered that method' },
  TOPIC_NOT_ONLINE: { retryable: true, summary: 'nobody receives that topic' },
  ILLEGAL_EDGE_ID: { retryable: false, summary: 'the id is out of range, taken, or not granted' },
  RECORD_NOT_FOUND: { retryable: false, summary: 'no such entry' },
  TIMEOUT: { retryable: true, summary: 'the time budget ran out' },
  BUFFER_FULL: { retryable: true, summary: 'the receiver, or the way to it, has no room for more now' },
  EOF: { retryable: true, summary: 'the link or stream went away' },
  CANCELLED: { retryable: false, summary: 'the caller gave up' },
  PAYLOAD_TOO_LARGE: { retryable: false, summary: 'key, meta and data together are above the limit' },
  STREAM_RESET: { retryable: false, summary: 'the other end reset the stream' },
  STREAM_REFUSED: { retryable: false, summary: 'the other end takes no streams, or not this one' },
  REMOTE_ERROR: { retryable: false, summary: "the other side's handler threw" },
  UNAUTHENTICATED: { retryable: false, summary: 'the credential is missing or not accepted' },
  PERMISSION_DENIED: { retryable: false, summary: 'the peer may not do that' },
  RATE_LIMITED: { retryable: true, summary: 'too many in too short a time' },
  SLOW_CONSUMER: { retryable: true, summary: 'the peer took its answers too slowly and was closed' },
  REPLACED: { retryable: false, summary: 'a newer link took the id' },
  KICKED: { retryable: true, summary: 'an operator closed the link' },
  DRAINING: { retryable: true, summary: 'the other side is going away and takes nothing new' },
  BRIDGE_UNAVAILABLE: { retryable: true, summary: 'the message broker behind the gateway cannot be reached' },
  PROTOCOL_ERROR: { retryable: false, summary: 'a peer broke the protocol' },
  INVALID_ARGUMENT: { retryable: false, summary: 'an argument or option is not valid' },
  UNAVAILABLE: { retryable: true, summary: 'no link to be had' },
}

/** Whether `text` is a code of this version. */
export function isErrorCode(text: string): text is FrontierErrorCode {
  return Object.hasOwn(errorCodes, text)
}
