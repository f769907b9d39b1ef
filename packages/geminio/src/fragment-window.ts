// The sender's window of docs/protocol.md, sections 5 and 10: what LEDBAT (RFC 6817) does, with PROGRESS for acknowledgements.
import type { BaseDelay } from '@frontier/mux'

const INITIAL_BYTES = 65_536
const MIN_BYTES = 32_768
const MAX_BYTES = 4_194_304
const TARGET_MS = 25
const GAIN = 0.25

/** How many bytes of one fragmented body may be unconfirmed: as many as delay others on the way by about 25 ms. */
export class FragmentWindow {
  readonly #base: BaseDelay
  /** Where each fragment on the way ends within the body, and when it was sent. */
  #marks: { end: number; at: number }[] = []
  #sent = 0
  #confirmed = 0
  #bytes = INITIAL_BYTES
  #wasFull = false
  #isStarting = true

  constructor(base: BaseDelay) {
    this.#base = base
  }

  /** Bytes that may be unconfirmed now: 32 KiB to 4 MiB. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a fragment of `length` bytes may go; one always may when nothing is on the way. */
  hasRoom(length: number): boolean {
    const unconfirmed = this.#sent - this.#confirmed
    if (unconfirmed === 0 || unconfirmed + length <= this.#bytes) return true
    this.#wasFull = true
    return false
  }

  /** A fragment that ends at `end` of the body was sent. */
  onSent(end: number, now: number): void {
    this.#sent = end
    this.#marks.push({ end, at: now })
  }

  /** The receiver has the first `total` bytes of the body. What was not sent, or is known already, is ignored. */
  onConfirmed(total: number, now: number): void {
    if (total <= this.#confirmed || total > this.#sent) return
    const confirmedBytes = total - this.#confirmed
    this.#confirmed = total
    let passed = 0
    while (passed < this.#marks.length && this.#marks[passed]!.end <= total) passed++
    if (passed === 0) return
    const roundTripMs = now - this.#marks[passed - 1]!.at
    this.#marks = this.#marks.slice(passed)
    const delayMs = this.#base.queueingDelay(roundTripMs, now)
    const offTarget = Math.max(-1, (TARGET_MS - delayMs) / TARGET_MS)
    // A body that did not use its window tells nothing about a larger one.
    if (offTarget > 0 && !this.#wasFull) return
    this.#wasFull = false
    if (offTarget <= 0) this.#isStarting = false
    // It doubles each round trip until it has met the target once; from then on gently, as what it sees is a round trip old.
    const gain = this.#isStarting ? 1 : GAIN * offTarget
    this.#bytes = Math.min(MAX_BYTES, Math.max(MIN_BYTES, Math.floor(this.#bytes + gain * confirmedBytes)))
  }
}
