import { BaseDelay } from './base-delay.js'

/** What a stream may add to the way of the calls beside it: a part of the round trip, since long ways waver by more, but at least this. */
const TARGET_SHARE = 0.25
const LEAST_TARGET_MS = 1
/** Never less on the way than this. */
const MIN_BYTES = 24_576
/** How fast the bound opens again, per round trip: by a part of itself, but at least this. */
const STEP_SHARE = 0.125
const LEAST_STEP_BYTES = 4096
/** So much of the bound a single late round trip leaves. */
const LEAST_SHARE = 0.5
/**
 * On a way that is shorter than this a stream sends in bursts and rests between them: most calls then meet no stream at all. On one machine a call took 1.1 to
 * 1.35 times as long as alone, at 61 MB/s; 24 KiB at a time without a rest made that 1.35 to 1.9, and 3.4 when calls alone took 60 us, at 70 MB/s (docs/performance.md).
 */
const SHORT_MS = 1
const BURST_BYTES = 65_536
const REST_MS = 1
/** While the link is shared, a mark follows this many bytes. */
const MARK_EVERY_BYTES = 4096
/** While it is not, marks are rare: they only keep the shortest round trip known. */
const SAMPLE_AFTER_BYTES = 65_536
const SAMPLE_EVERY_BYTES = 4_194_304

interface Mark {
  /** Its place in the stream. */
  readonly total: number
  readonly sentAt: number
  /** Whether all that was sent behind it is marked, too. */
  readonly isShared: boolean
}

/**
 * How much of a stream may be on its way while calls and messages use the same link. What is on its way fills the sockets' buffers between the two ends, and whatever
 * is sent behind it waits for it: with 8 MiB of window a call beside a stream took 4 to 10 ms. So as long as there are others, the round trip of marks in the stream is
 * kept near the shortest one; a stream that is alone on its link is bounded by its window only.
 *
 * The other end answers a mark when it arrives, whether anybody reads there or not, and a stream is bounded only while an answer is on its way or during a rest: nobody
 * waits for a reader.
 */
export class StreamPace {
  readonly #onRested: () => void
  readonly #now: () => number
  readonly #base = new BaseDelay()
  readonly #marks: Mark[] = []
  #bytes = Number.POSITIVE_INFINITY
  #sentBytes = 0
  #arrivedBytes = 0
  #markedBytes = 0
  #nextSampleAt = SAMPLE_AFTER_BYTES
  /** The bound is looked at once per round trip: by marks behind this place. */
  #judgeBehind = 0
  /** Whether the bound has held anything back since then. */
  #wasFull = false
  /** Other implementations of yamux never answer. */
  #isAnswered = false
  #isShort = false
  /** After a burst, until it has arrived and the timer is through. */
  #isResting = false
  #timer: ReturnType<typeof setTimeout> | undefined = undefined

  /** `onRested`: a rest is over, there is room; `now`: monotonic milliseconds. */
  constructor(onRested: () => void, now: () => number = () => performance.now()) {
    this.#onRested = onRested
    this.#now = now
  }

  /** How many more bytes may be sent now. */
  get room(): number {
    if (this.#isResting) return 0
    // What was sent before the others came has no marks that would tell of it.
    return this.#marks.length === 0 ? this.#bytes : Math.max(0, this.#bytes - (this.#sentBytes - this.#arrivedBytes))
  }

  /** A frame with `length` bytes leaves; whether it is to be marked. `isShared`: whether others use the link now. */
  onSend(length: number, isShared: boolean): boolean {
    this.#sentBytes += length
    if (!isShared) this.#bytes = Number.POSITIVE_INFINITY
    const isFull = this.#sentBytes - this.#arrivedBytes >= this.#bytes
    if (isFull) this.#wasFull = true
    if (!this.#isDue(isShared, isFull)) return false
    this.#markedBytes = this.#sentBytes
    this.#nextSampleAt = this.#sentBytes + SAMPLE_EVERY_BYTES
    this.#marks.push({ total: this.#sentBytes, sentAt: this.#now(), isShared })
    if (isFull && this.#isShort) this.#rest()
    return true
  }

  /** The other end has answered the oldest mark. */
  onArrived(): void {
    const mark = this.#marks.shift()
    if (mark === undefined) return
    this.#isAnswered = true
    this.#arrivedBytes = mark.total
    const now = this.#now()
    const roundTripMs = now - mark.sentAt
    const delayMs = this.#base.queueingDelay(roundTripMs, now)
    this.#isShort = roundTripMs - delayMs < SHORT_MS
    if (mark.isShared && mark.total > this.#judgeBehind) this.#judge(roundTripMs, delayMs, mark.total)
    if (this.#timer === undefined && this.#marks.length === 0) this.#isResting = false
  }

  /** The stream is over. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #judge(roundTripMs: number, delayMs: number, total: number): void {
    const targetMs = Math.max(LEAST_TARGET_MS, TARGET_SHARE * (roundTripMs - delayMs))
    if (delayMs > targetMs) {
      const onTheWay = Math.min(this.#bytes, this.#sentBytes - total)
      this.#bytes = Math.max(MIN_BYTES, Math.floor(onTheWay * Math.max(LEAST_SHARE, targetMs / delayMs)))
    } else if (this.#wasFull) this.#bytes += Math.max(LEAST_STEP_BYTES, Math.floor(this.#bytes * STEP_SHARE))
    if (this.#isShort) this.#bytes = Math.min(this.#bytes, BURST_BYTES)
    this.#judgeBehind = this.#sentBytes
    this.#wasFull = false
  }

  #rest(): void {
    this.#isResting = true
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      // Otherwise the answer to the last mark ends the rest.
      if (this.#marks.length > 0) return
      this.#isResting = false
      this.#onRested()
    }, REST_MS)
  }

  #isDue(isShared: boolean, isFull: boolean): boolean {
    if (!isShared) return this.#marks.length === 0 && this.#sentBytes >= this.#nextSampleAt
    if (!this.#isAnswered) return this.#marks.length === 0
    return isFull || this.#sentBytes - this.#markedBytes >= MARK_EVERY_BYTES
  }
}
