// The frames that calls and messages consist of, written field by field where they leave from: the fields as an object, the views and the checks of
// encodeFrame cost more than the bytes (docs/performance.md). encode.ts makes all other frames, and says what a frame is.
import { claimFrame, frameRoom } from './frame-slab.js'
import { FrameType } from './frame-type.js'
import { writeBudgetMs, writePeerParts, writeU16, writeU32 } from './header.js'
import { CONTROL_MAGIC, HEADER_BYTES, NO_BUDGET } from './limits.js'

/** Lengths that stand in a body beside key, meta and payload. */
const LENGTHS_BYTES = 6
/** Up to here a loop beats `set`, which costs 40 ns before its first byte. */
const SHORT_BYTES = 24

/** Takes whole frames: `bytes[start, end)` is one, and belongs to the outlet from then on. */
export interface FrameOutlet {
  send(bytes: Uint8Array, start: number, end: number): void
}

/** Who a request is for: an edge id in its two halves, or zeros. */
export interface FrameTarget {
  readonly peerHigh: number
  readonly peerLow: number
}

/** A request as it goes out whole. The key must have been checked by `checkedKey`. */
export interface RequestFrame {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly key: Uint8Array
  readonly meta: Uint8Array
  readonly data: Uint8Array
}

/** Sends `request` in one frame. */
export function sendRequest(outlet: FrameOutlet, request: RequestFrame, target: FrameTarget, budgetMs: number): void {
  const { key, meta, data } = request
  const bodyLength = LENGTHS_BYTES + key.length + meta.length + data.length
  const at = beginFrame(request.type, request.flags, request.id, bodyLength)
  const bytes = frameRoom
  writeBudgetMs(bytes, at, budgetMs)
  writePeerParts(bytes, at, target.peerHigh, target.peerLow)
  writeU16(bytes, at + HEADER_BYTES, key.length)
  const keyAt = at + HEADER_BYTES + 2
  copyInto(bytes, keyAt, key)
  writeMetaAndData(bytes, keyAt + key.length, meta, data)
  outlet.send(bytes, at, at + HEADER_BYTES + bodyLength)
}

/** Sends the answer to call `id` in one frame. */
export function sendAnswer(outlet: FrameOutlet, id: number, meta: Uint8Array, data: Uint8Array): void {
  const payloadBytes = meta.length + data.length
  const bodyLength = payloadBytes === 0 ? 0 : LENGTHS_BYTES + payloadBytes
  const at = beginFrame(FrameType.ANSWER, 0, id, bodyLength)
  const bytes = frameRoom
  if (bodyLength > 0) {
    writeU16(bytes, at + HEADER_BYTES, 0)
    writeMetaAndData(bytes, at + HEADER_BYTES + 2, meta, data)
  }
  outlet.send(bytes, at, at + HEADER_BYTES + bodyLength)
}

/** Acknowledges message `id`. */
export function sendAck(outlet: FrameOutlet, id: number): void {
  const at = beginFrame(FrameType.ACK, 0, id, 0)
  outlet.send(frameRoom, at, at + HEADER_BYTES)
}

/** Claims room in `frameRoom` and writes the header, without budget and peer; where the frame begins. */
function beginFrame(type: number, flags: number, id: number, bodyLength: number): number {
  const at = claimFrame(HEADER_BYTES + bodyLength)
  const bytes = frameRoom
  bytes[at] = CONTROL_MAGIC
  bytes[at + 1] = type
  writeU16(bytes, at + 2, flags)
  writeU32(bytes, at + 4, bodyLength)
  writeU32(bytes, at + 8, id)
  writeU32(bytes, at + 12, NO_BUDGET)
  writePeerParts(bytes, at, 0, 0)
  return at
}

function writeMetaAndData(bytes: Uint8Array, at: number, meta: Uint8Array, data: Uint8Array): void {
  writeU32(bytes, at, meta.length)
  copyInto(bytes, at + 4, meta)
  copyInto(bytes, at + 4 + meta.length, data)
}

function copyInto(bytes: Uint8Array, at: number, part: Uint8Array): void {
  const { length } = part
  if (length > SHORT_BYTES) bytes.set(part, at)
  else for (let index = 0; index < length; index++) bytes[at + index] = part[index]!
}
