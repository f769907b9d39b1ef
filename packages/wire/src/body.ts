import { strictUtf8 } from './bytes.js'
import { FrontierError } from './frontier-error.js'
import { bodyOffset, readU16, readU32 } from './header.js'
import { MAX_KEY_BYTES } from './limits.js'

/** The three parts of a body, as views into the received bytes. */
export interface Body {
  key: Uint8Array
  meta: Uint8Array
  data: Uint8Array
}

function malformed(what: string): FrontierError {
  return new FrontierError('PROTOCOL_ERROR', `malformed body: ${what}`)
}

/**
 * Length of the key of the frame at `start`, 0 when the body is empty. The key begins 2 bytes behind `bodyOffset`.
 * @throws PROTOCOL_ERROR when the key is above 1,024 bytes or leaves the frame.
 */
export function keyLength(bytes: Uint8Array, start: number, end: number): number {
  const body = bodyOffset(bytes, start)
  if (body === end) return 0
  if (end - body < 2) throw malformed('no room for the key length')
  const length = readU16(bytes, body)
  if (length > MAX_KEY_BYTES) throw malformed(`key of ${length} bytes, at most ${MAX_KEY_BYTES} are allowed`)
  if (body + 2 + length > end) throw malformed('the key leaves the frame')
  return length
}

/**
 * The key of the frame in `bytes[start, end)` as text.
 * @throws PROTOCOL_ERROR as {@link keyLength}, and for a key that is not UTF-8: names are compared byte for byte, so no two may read the same.
 */
export function parseKey(bytes: Uint8Array, start: number, end: number): string {
  const length = keyLength(bytes, start, end)
  const from = bodyOffset(bytes, start) + 2
  if (length === 0) return ''
  const key = strictUtf8(bytes.subarray(from, from + length))
  if (key === undefined) throw malformed('the key is not UTF-8')
  return key
}

/**
 * Takes apart a whole body (of one frame, or put together from fragments).
 * @throws PROTOCOL_ERROR when a length leaves the body.
 */
export function splitBody(body: Uint8Array): Body {
  if (body.length === 0) return { key: body, meta: body, data: body }
  if (body.length < 2) throw malformed('no room for the key length')
  const keyEnd = 2 + readU16(body, 0)
  if (keyEnd - 2 > MAX_KEY_BYTES) throw malformed(`key of ${keyEnd - 2} bytes, at most ${MAX_KEY_BYTES} are allowed`)
  if (keyEnd + 4 > body.length) throw malformed('no room for key and meta length')
  const metaStart = keyEnd + 4
  const metaEnd = metaStart + readU32(body, keyEnd)
  if (metaEnd > body.length) throw malformed('the meta leaves the body')
  return { key: body.subarray(2, keyEnd), meta: body.subarray(metaStart, metaEnd), data: body.subarray(metaEnd) }
}

/** {@link splitBody} of the unfragmented frame in `bytes[start, end)`. */
export function parseBody(bytes: Uint8Array, start: number, end: number): Body {
  return splitBody(bytes.subarray(bodyOffset(bytes, start), end))
}
