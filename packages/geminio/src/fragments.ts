import { bodyOffset, encodeFrame, encodeRawFrame, Flag, FrontierError, readFlags, splitBody, writeFlags, writeU32 } from '@frontier/wire'
import type { Body, FrameFields } from '@frontier/wire'

const BODY_LENGTH_OFFSET = 4

/**
 * The frames of one body that is sent at once, without PROGRESS: HELLO and OPEN (docs/protocol.md, section 5). One frame when it fits
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

/** Puts a small fragmented body together again, such as that of an OPEN; at most `maxBytes`. */
export class FragmentedBody {
  /** Bytes held so far. */
  bytes = 0
  readonly #parts: Uint8Array[] = []
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Takes one fragment; the body when it was the last. @throws PAYLOAD_TOO_LARGE above the limit, PROTOCOL_ERROR for a malformed body. */
  add(bytes: Uint8Array, start: number, end: number): Body | undefined {
    const part = bytes.subarray(bodyOffset(bytes, start), end)
    this.bytes += part.length
    if (this.bytes > this.#maxBytes) throw new FrontierError('PAYLOAD_TOO_LARGE', `more than ${this.#maxBytes} bytes`)
    this.#parts.push(part)
    if ((readFlags(bytes, start) & Flag.MORE) !== 0) return undefined
    const whole = new Uint8Array(this.bytes)
    let at = 0
    for (const each of this.#parts) {
      whole.set(each, at)
      at += each.length
    }
    return splitBody(whole)
  }
}
