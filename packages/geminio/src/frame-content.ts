// Where the parts of an unfragmented frame's body are, without a view for each: most calls are small, and views cost more than their bytes.
import { bodyOffset, FrontierError, keyLength, readU32 } from '@frontier/wire'

/** Where the meta of the frame in `bytes[start, end)` begins; `end` for an empty body. @throws PROTOCOL_ERROR when a length leaves the frame. */
export function metaOffset(bytes: Uint8Array, start: number, end: number): number {
  const body = bodyOffset(bytes, start)
  if (body >= end) return end
  const metaAt = body + 2 + keyLength(bytes, start, end) + 4
  if (metaAt > end) throw new FrontierError('PROTOCOL_ERROR', 'malformed body: no room for the meta length')
  return metaAt
}

/** Where the payload begins. @throws PROTOCOL_ERROR when the meta leaves the frame. */
export function dataOffset(bytes: Uint8Array, start: number, end: number): number {
  if (bodyOffset(bytes, start) >= end) return end
  const metaAt = metaOffset(bytes, start, end)
  const dataAt = metaAt + readU32(bytes, metaAt - 4)
  if (dataAt > end) throw new FrontierError('PROTOCOL_ERROR', 'malformed body: the meta leaves the frame')
  return dataAt
}
