import { bodyOffset, FrontierError, keyLength, readU32 } from '@frontier/wire'

/**
 * Checks the lengths in the body of a frame, and of nothing more: what one peer got wrong must not end the link of another. Of a first fragment only the key can be checked.
 * @returns the length of the key.
 * @throws PROTOCOL_ERROR
 */
export function checkBody(bytes: Uint8Array, start: number, end: number, isWhole: boolean): number {
  const length = keyLength(bytes, start, end)
  const body = bodyOffset(bytes, start)
  if (!isWhole || body === end) return length
  const metaAt = body + 6 + length
  if (metaAt > end || metaAt + readU32(bytes, metaAt - 4) > end) throw new FrontierError('PROTOCOL_ERROR', 'malformed body: the meta leaves the frame')
  return length
}
