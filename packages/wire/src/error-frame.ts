import { parseBody } from './body.js'
import { toBytes, utf8 } from './bytes.js'
import { encodeFrame } from './encode.js'
import { isErrorCode } from './error-codes.js'
import { Flag } from './frame-flag.js'
import { FrameType } from './frame-type.js'
import { FrontierError } from './frontier-error.js'
import { readFlags } from './header.js'
import { MAX_REASON_BYTES } from './limits.js'

function reasonBytes(error: FrontierError): Uint8Array {
  const bytes = toBytes(error.reason)
  if (bytes.length <= MAX_REASON_BYTES) return bytes
  let end = MAX_REASON_BYTES
  while ((bytes[end]! & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}

/**
 * The frame that carries `error`: ANSWER, ACK or REFUSE with the ERROR flags, STREAM_RESET or GOODBYE without.
 * `isGateway` sets the GATEWAY flag: the gateway itself made the error.
 */
export function encodeError(type: FrameType, id: number, error: FrontierError, isGateway: boolean): Uint8Array {
  let flags = 0
  if (type === FrameType.ANSWER || type === FrameType.ACK || type === FrameType.REFUSE) {
    flags = Flag.ERROR
    if (error.delivered === 'maybe') flags |= Flag.MAYBE
    if (error.retryable) flags |= Flag.RETRYABLE
  }
  if (isGateway) flags |= Flag.GATEWAY
  return encodeFrame({ type, flags, id, key: error.code, data: reasonBytes(error) })
}

/**
 * The error in a frame made by {@link encodeError}. `origin` is 'gateway' when the flag says so, else `origin`. A code this version does not
 * know becomes REMOTE_ERROR with the code in the text, as does a missing one. @throws PROTOCOL_ERROR for a malformed body.
 */
export function decodeError(bytes: Uint8Array, start: number, end: number, origin: 'gateway' | 'peer' = 'peer'): FrontierError {
  const flags = readFlags(bytes, start)
  const body = parseBody(bytes, start, end)
  const code = utf8(body.key)
  const text = utf8(body.data)
  const isKnown = isErrorCode(code)
  const hasFlags = (flags & Flag.ERROR) !== 0
  return new FrontierError(isKnown ? code : 'REMOTE_ERROR', isKnown || code === '' ? text : `${code}: ${text}`, {
    origin: (flags & Flag.GATEWAY) === 0 ? origin : 'gateway',
    ...(hasFlags && { delivered: (flags & Flag.MAYBE) === 0 ? 'no' : 'maybe', retryable: (flags & Flag.RETRYABLE) !== 0 }),
  })
}
