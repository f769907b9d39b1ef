import type { ByteSource } from './sender-share.js'

/** Frames a receiver leaves unconfirmed together: below the smallest window, so that a sender never waits for a PROGRESS that does not come. */
const CONFIRM_BYTES = 16_384
const MIN_BLOCK_BYTES = 1024
/** Memory taken at once at the most, beyond what has come. */
export const MAX_BLOCK_BYTES = 262_144
/** Lengths that stand in a body beside key, meta and data. */
const LENGTH_FIELDS_BYTES = 6

/** What became of an appended piece. */
export type Appended = 'taken' | 'too-large' | 'no-room'

/** Puts a fragmented body together. Each block of memory is paid from the budget before it is taken, however small the fragments are. */
export class PartialBody {
  readonly #budget: ByteSource
  readonly #maxPayloadBytes: number
  readonly #blocks: Uint8Array[] = []
  /** Bytes filled of the last block. */
  #filled = 0
  #paid = 0
  #received = 0
  #confirmed = 0

  constructor(budget: ByteSource, maxPayloadBytes: number) {
    this.#budget = budget
    this.#maxPayloadBytes = maxPayloadBytes
  }

  /** Bytes received so far. */
  get receivedBytes(): number {
    return this.#received
  }

  /** Key, meta and data in so far, with `more` bytes of the body that were not taken. */
  payloadBytesWith(more: number): number {
    return this.#received + more - LENGTH_FIELDS_BYTES
  }

  /** Copies `bytes[from, to)` to the end. Anything but 'taken' leaves the body useless: {@link discard} it. */
  append(bytes: Uint8Array, from: number, to: number): Appended {
    if (this.#received + (to - from) > this.#maxPayloadBytes + LENGTH_FIELDS_BYTES) return 'too-large'
    let at = from
    while (at < to) {
      let block = this.#blocks.at(-1)
      if (block === undefined || this.#filled === block.length) {
        // Blocks grow with the body: few for a large one, little for a small one.
        const length = Math.max(to - at, Math.min(MAX_BLOCK_BYTES, Math.max(MIN_BLOCK_BYTES, this.#received)))
        if (!this.#budget.take(length)) return 'no-room'
        this.#paid += length
        block = new Uint8Array(length)
        this.#blocks.push(block)
        this.#filled = 0
      }
      const taken = Math.min(to - at, block.length - this.#filled)
      block.set(bytes.subarray(at, at + taken), this.#filled)
      this.#filled += taken
      this.#received += taken
      at += taken
    }
    return 'taken'
  }

  /** Whether it is time to confirm; when it says so, what was received counts as confirmed. */
  takeConfirmation(): boolean {
    if (this.#received - this.#confirmed < CONFIRM_BYTES) return false
    this.#confirmed = this.#received
    return true
  }

  /** The whole body in a buffer of its own; gives the budget back. */
  finish(): Uint8Array {
    const whole = new Uint8Array(this.#received)
    let at = 0
    for (const block of this.#blocks) {
      const piece = at + block.length <= whole.length ? block : block.subarray(0, whole.length - at)
      whole.set(piece, at)
      at += piece.length
    }
    this.discard()
    return whole
  }

  /** Gives the budget back. */
  discard(): void {
    this.#budget.give(this.#paid)
    this.#paid = 0
    this.#blocks.length = 0
  }
}
