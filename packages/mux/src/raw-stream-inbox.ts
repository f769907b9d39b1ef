const LARGEST_BLOCK_BYTES = 32_768
const SMALLEST_BLOCK_BYTES = 256

/**
 * Bytes that came while nobody wanted them, first in, first out. They are copied together into blocks that grow with the backlog: however small
 * the frames of a peer are, a full window of them takes little more memory than the window, and no received chunk is pinned.
 */
export class Inbox {
  /** Bytes that wait. */
  bytes = 0
  #blocks: Uint8Array[] = []
  /** Bytes used of the last block. */
  #used = 0

  /** Appends a copy of `bytes`. */
  push(bytes: Uint8Array): void {
    let from = 0
    while (from < bytes.length) {
      let last = this.#blocks.at(-1)
      if (last === undefined || this.#used === last.length) {
        const size = Math.min(LARGEST_BLOCK_BYTES, Math.max(bytes.length - from, this.bytes, SMALLEST_BLOCK_BYTES))
        last = new Uint8Array(size)
        this.#blocks.push(last)
        this.#used = 0
      }
      const taken = Math.min(last.length - this.#used, bytes.length - from)
      last.set(from === 0 && taken === bytes.length ? bytes : bytes.subarray(from, from + taken), this.#used)
      this.#used += taken
      this.bytes += taken
      from += taken
    }
  }

  /** Takes the oldest bytes, at most 32 KiB; undefined when there are none. */
  shift(): Uint8Array | undefined {
    const block = this.#blocks.shift()
    if (block === undefined) return undefined
    const chunk = this.#blocks.length === 0 ? block.subarray(0, this.#used) : block
    this.bytes -= chunk.length
    return chunk
  }

  /** Forgets everything. */
  clear(): void {
    this.bytes = 0
    this.#blocks = []
  }
}
