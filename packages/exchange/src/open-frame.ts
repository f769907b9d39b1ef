import { bodyOffset, EMPTY, encodeRawFrame, Flag, FrameType, HEADER_BYTES, readBudgetMs, readFlags, TRACE_BYTES, writeU16 } from '@frontier/wire'

/** What stands behind the key of a body that is empty otherwise. */
const NO_META = new Uint8Array(4)

/** Who is named in the OPEN that goes on. */
export interface OpenTarget {
  /** Stream id on the target's link. */
  id: number
  edgeId: bigint
  service: Uint8Array
  maxFrameBytes: number
}

/**
 * The OPEN in `bytes[start, end)`, a whole one or the first of its fragments, as it goes on: with the names of `target`. Another key may be
 * longer than the one that came: then what fitted one frame makes two.
 */
export function renamedOpen(bytes: Uint8Array, start: number, end: number, target: OpenTarget): Uint8Array[] {
  const flags = readFlags(bytes, start) & ~(Flag.MORE | Flag.CONT)
  const isWhole = (readFlags(bytes, start) & Flag.MORE) === 0
  const body = withKey(target.service, afterKey(bytes, start, end))
  const trace = (flags & Flag.TRACE) === 0 ? {} : { trace: bytes.subarray(start + HEADER_BYTES, start + HEADER_BYTES + TRACE_BYTES) }
  const header = { type: FrameType.OPEN, id: target.id, budgetMs: readBudgetMs(bytes, start), peer: target.edgeId, ...trace }
  const firstBytes = target.maxFrameBytes - HEADER_BYTES - ('trace' in trace ? TRACE_BYTES : 0)
  const isCut = body.length > firstBytes
  const first = encodeRawFrame({ ...header, flags: isCut || !isWhole ? flags | Flag.MORE : flags, body: body.subarray(0, firstBytes) })
  if (!isCut) return [first]
  const restFlags = isWhole ? Flag.CONT : Flag.CONT | Flag.MORE
  return [first, encodeRawFrame({ type: FrameType.OPEN, id: target.id, flags: restFlags, body: body.subarray(firstBytes) })]
}

function afterKey(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const body = bodyOffset(bytes, start)
  if (body === end) return NO_META
  return bytes.subarray(body + 2 + ((bytes[body]! << 8) | bytes[body + 1]!), end)
}

function withKey(key: Uint8Array, rest: Uint8Array): Uint8Array {
  if (key.length === 0 && rest === NO_META) return EMPTY
  const body = new Uint8Array(2 + key.length + rest.length)
  writeU16(body, 0, key.length)
  body.set(key, 2)
  body.set(rest, 2 + key.length)
  return body
}
