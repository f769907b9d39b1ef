import { checkedKey, utf8 } from '@frontier/wire'

const SLOTS = 64
const MAX_CACHED_BYTES = 64
const MAX_ENCODED = 256

/** Method and topic names between text and bytes. The few names a channel uses over and over are converted once; its memory has a bound. */
export class NameCache {
  readonly #decoded: ({ bytes: Uint8Array; name: string } | undefined)[] = []
  readonly #encoded = new Map<string, Uint8Array>()

  /** The text of `bytes[from, to)`. */
  decode(bytes: Uint8Array, from: number, to: number): string {
    const length = to - from
    if (length === 0) return ''
    if (length > MAX_CACHED_BYTES) return utf8(bytes.subarray(from, to))
    let hash = length
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0
    const slot = (hash >>> 0) % SLOTS
    const known = this.#decoded[slot]
    if (known !== undefined && known.bytes.length === length) {
      let at = 0
      while (at < length && known.bytes[at] === bytes[from + at]) at++
      if (at === length) return known.name
    }
    const own = new Uint8Array(length)
    own.set(bytes.subarray(from, to))
    const name = utf8(own)
    this.#decoded[slot] = { bytes: own, name }
    return name
  }

  /** The bytes of `name`; not to be changed. @throws INVALID_ARGUMENT above 1,024 bytes. */
  encode(name: string): Uint8Array {
    const known = this.#encoded.get(name)
    if (known !== undefined) return known
    const bytes = checkedKey(name)
    if (this.#encoded.size >= MAX_ENCODED) this.#encoded.clear()
    if (bytes.length <= MAX_CACHED_BYTES) this.#encoded.set(name, bytes)
    return bytes
  }
}
