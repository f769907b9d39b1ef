import { encodeFrame, encodeRawFrame, type FrameFields } from './encode.js'
import { Flag } from './frame-flag.js'
import { bodyOffset, writeFlags, writeU32 } from './header.js'

const BODY_LENGTH_OFFSET = 4

/**
 * The frames of one body that is sent at once, without PROGRESS, such as a HELLO or an OPEN (docs/protocol.md, section 5). One frame when it fits
 * `maxFrameBytes`. @throws INVALID_ARGUMENT for a key above 1,024 bytes.
 */
export function encodeFragments(fields: FrameFields, maxFrameBytes: number): Uint8Array[] {
  const whole = encodeFrame(fields)
  if (whole.length <= maxFrameBytes) return [whole]
  const bodyAt = bodyOffset(whole, 0)
  const first = whole.slice(0, maxFrameBytes)
  writeFlags(first, 0, (fields.flags ?? 0) | Flag.MORE)
  writeU32(first, BODY_LENGTH_OFFSET, maxFrameBytes - bodyAt)
  const frames: Uint8Array[] = [first]
  for (let at = maxFrameBytes; at < whole.length; ) {
    const to = Math.min(whole.length, at + maxFrameBytes - bodyAt)
    const flags = to < whole.length ? Flag.CONT | Flag.MORE : Flag.CONT
    frames.push(encodeRawFrame({ type: fields.type, flags, id: fields.id ?? 0, body: whole.subarray(at, to) }))
    at = to
  }
  return frames
}
