import { FrontierError, isFrontierError } from '@frontier/wire'

/** `error` as it looks to one request: the same but for what is known of its delivery. */
export function failureOf(error: FrontierError, delivered: 'no' | 'maybe'): FrontierError {
  return new FrontierError(error.code, error.reason, {
    delivered,
    origin: error.origin,
    retryable: error.retryable,
    cause: error.cause,
  })
}

/** What the other side is told when a handler threw `thrown`: its code when it is a FrontierError, else REMOTE_ERROR; never more than its message. */
export function handlerFailure(thrown: unknown): FrontierError {
  if (isFrontierError(thrown)) return new FrontierError(thrown.code, thrown.reason, { delivered: 'maybe', retryable: thrown.retryable })
  let message = 'the handler threw something that is not an Error'
  if (thrown instanceof Error) ({ message } = thrown)
  else if (typeof thrown === 'string') message = thrown
  return new FrontierError('REMOTE_ERROR', message, { delivered: 'maybe' })
}

/** PAYLOAD_TOO_LARGE with both numbers. */
export function payloadTooLarge(bytes: number, limit: number, delivered: 'no' | 'maybe' = 'no'): FrontierError {
  return new FrontierError('PAYLOAD_TOO_LARGE', `${bytes} bytes of key, meta and data; at most ${limit} are allowed`, { delivered })
}
