import { BaseDelay } from './base-delay.js'

/** What a stream may add to the way of the calls beside it: a part of the round trip, since long ways waver by more, but at least this. */
const TARGET_SHARE = 0.25
const LEAST_TARGET_MS = 0.2
/** Never less on the way than this: one frame. */
const MIN_BYTES = 32_768
/** How fast the bound opens again, per round trip: by a part of itself, but at least this. */
const STEP_SHARE = 0.125
const LEAST_STEP_BYTES = 4096
/** So much of the bound a single late round trip leaves. */
const LEAST_SHARE = 0.5

/**
 * How much of a stream may be on its way while calls and messages use the same link. What is on its way fills the sockets' buffers between the two ends, and whatever
 * is sent behind it waits for it: with 8 MiB of window a call beside a stream took 4 to 10 ms (docs/performance.md). So as long as there are others, the round trip of
 * the stream's own bytes is kept within a quarter of the shortest one above that; a stream that is alone on its link is bounded by its window only.
 */
export class StreamPace {
  readonly #now: () => number
  readonly #isShared: () => boolean
  readonly #base = new BaseDelay()
  #bytes = Number.POSITIVE_INFINITY
  #sentBytes = 0
  #takenBytes = 0
  /** A place in the stream, and when it was sent: its TAKEN shows how long the way is. */
  #mark = 0
  #markedAt = 0

  /** `isShared`: whether others use the link now; `now`: monotonic milliseconds. */
  constructor(isShared: () => boolean, now: () => number = () => performance.now()) {
    this.#isShared = isShared
    this.#now = now
  }

  /** How many more raw bytes may be handed on now. */
  get room(): number {
    return Math.max(0, this.#bytes - (this.#sentBytes - this.#takenBytes))
  }

  /** The first `total` bytes of the stream were handed on. */
  onSent(total: number): void {
    this.#sentBytes = total
    if (this.#mark > 0) return
    this.#mark = total
    this.#markedAt = this.#now()
  }

  /** The other end has taken the first `total` bytes. */
  onTaken(total: number): void {
    this.#takenBytes = total
    if (this.#mark === 0 || total < this.#mark) return
    this.#mark = 0
    const takenAt = this.#now()
    const roundTripMs = takenAt - this.#markedAt
    const delayMs = this.#base.queueingDelay(roundTripMs, takenAt)
    const targetMs = Math.max(LEAST_TARGET_MS, TARGET_SHARE * (roundTripMs - delayMs))
    if (!this.#isShared()) this.#bytes = Number.POSITIVE_INFINITY
    else if (delayMs <= targetMs) this.#bytes += Math.max(LEAST_STEP_BYTES, Math.floor(this.#bytes * STEP_SHARE))
    else {
      const onTheWay = Math.min(this.#bytes, this.#sentBytes - total)
      this.#bytes = Math.max(MIN_BYTES, Math.floor(onTheWay * Math.max(LEAST_SHARE, targetMs / delayMs)))
    }
  }
}
