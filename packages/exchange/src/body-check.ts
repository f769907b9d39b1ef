import { bodyOffset, FrontierError, keyLength, MAX_KEY_BYTES, readU16, readU32 } from '@frontier/wire'

/**
 * Checks the lengths in the body of a frame, and nothing more: what one peer got wrong must not end the link of another. Of a first fragment only the key can be checked.
 * @returns the length of the key.
 * @throws PROTOCOL_ERROR
 */
export function checkBody(bytes: Uint8Array, start: number, end: number, isWhole: boolean): number {
  const body = bodyOffset(bytes, start)
  if (body === end) return 0
  if (isWhole && end - body >= 6) {
    const length = readU16(bytes, body)
    const metaAt = body + 6 + length
    if (length <= MAX_KEY_BYTES && metaAt <= end && metaAt + readU32(bytes, metaAt - 4) <= end) return length
  } else if (!isWhole) return keyLength(bytes, start, end)
  throw new FrontierError('PROTOCOL_ERROR', 'malformed body: a part of it leaves the frame')
}
