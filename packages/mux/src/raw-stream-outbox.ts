/** Written bytes that wait for credit and for their turn, first in, first out. */
export class Outbox {
  /** Bytes that wait. */
  bytes = 0
  #chunks: Uint8Array[] = []
  /** The first chunk with bytes left, and how many of its bytes are gone. */
  #head = 0
  #offset = 0

  /** Appends `chunk`, which belongs to the outbox from now on. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.bytes += chunk.length
  }

  /** Moves the oldest `length` bytes (at most `bytes`) into `target` at `at`. */
  moveInto(target: Uint8Array, at: number, length: number): void {
    this.bytes -= length
    let left = length
    while (left > 0) {
      const chunk = this.#chunks[this.#head]!
      const available = chunk.length - this.#offset
      const taken = Math.min(available, left)
      target.set(taken === chunk.length ? chunk : chunk.subarray(this.#offset, this.#offset + taken), at)
      at += taken
      left -= taken
      if (taken < available) this.#offset += taken
      else this.#dropFirst()
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.bytes = 0
    this.#chunks = []
    this.#head = 0
    this.#offset = 0
  }

  #dropFirst(): void {
    this.#chunks[this.#head] = spent
    this.#head++
    this.#offset = 0
    if (this.#head === this.#chunks.length) this.#chunks = []
    else if (this.#head < 64) return
    else this.#chunks.splice(0, this.#head)
    this.#head = 0
  }
}

/** Stands where a chunk was that has left. */
const spent = new Uint8Array(0)
