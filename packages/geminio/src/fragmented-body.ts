import { bodyOffset, Flag, FrontierError, joinBytes, readFlags, splitBody, type Body } from '@frontier/wire'

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
    return splitBody(joinBytes(this.#parts))
  }
}
