import { INITIAL_WINDOW_BYTES } from './yamux-frame.js'

/** Credit goes back in such parts of the window: large enough to be rare, small enough that the sender need not wait for it. */
const GRANTS_PER_WINDOW = 4
/** A part consumed within so many round trips: the window was the sender's limit, or soon would be. */
const GROW_WITHIN_ROUND_TRIPS = 2
/** Shorter round trips than this say nothing: a turn of the event loop takes as long. */
const LEAST_RTT_MS = 1

/** What the streams of one lane have in common: the round-trip time, and how far their windows may grow together. */
export class WindowGrowth {
  /** Round-trip time in milliseconds; windows stay at 256 KiB while it is negative (unknown). */
  rttMs = -1
  readonly maxWindowBytes: number
  #leftBytes: number

  /** `maxWindowBytes` bounds each window, `totalBytes` what all windows together have grown beyond the first 256 KiB. */
  constructor(maxWindowBytes: number, totalBytes: number) {
    this.maxWindowBytes = maxWindowBytes
    this.#leftBytes = totalBytes
  }

  /** Takes up to `bytes` from the common budget; the number taken. */
  take(bytes: number): number {
    const taken = Math.min(bytes, this.#leftBytes)
    this.#leftBytes -= taken
    return taken
  }

  /** Gives back what a stream that is over had taken. */
  giveBack(bytes: number): void {
    this.#leftBytes += bytes
  }
}

/**
 * The receiving half of a stream's flow control. Credit goes back for bytes that were consumed, not for bytes that came, and only once
 * they are a quarter of the window: one update for many frames. A window that is consumed fast doubles.
 */
export class ReceiveWindow {
  readonly #growth: WindowGrowth
  #windowBytes = INITIAL_WINDOW_BYTES
  /** What the peer may still send. */
  #creditBytes = INITIAL_WINDOW_BYTES
  #consumedBytes = 0
  #lastGrantAt: number

  constructor(growth: WindowGrowth) {
    this.#growth = growth
    this.#lastGrantAt = performance.now()
  }

  /** The size the window has grown to. */
  get windowBytes(): number {
    return this.#windowBytes
  }

  /** Bytes came; false when the peer had no credit for them. */
  arrive(bytes: number): boolean {
    this.#creditBytes -= bytes
    return this.#creditBytes >= 0
  }

  /** Bytes were consumed; the credit to give to the peer now, mostly 0. */
  consume(bytes: number): number {
    this.#consumedBytes += bytes
    if (this.#consumedBytes * GRANTS_PER_WINDOW < this.#windowBytes) return 0
    const grant = this.#consumedBytes + this.#grow()
    this.#consumedBytes = 0
    this.#creditBytes += grant
    return grant
  }

  /** The stream is over: its share of the common budget is free again. */
  release(): void {
    this.#growth.giveBack(this.#windowBytes - INITIAL_WINDOW_BYTES)
    this.#windowBytes = INITIAL_WINDOW_BYTES
  }

  #grow(): number {
    const { rttMs, maxWindowBytes } = this.#growth
    if (rttMs < 0) return 0
    const now = performance.now()
    const isFast = now - this.#lastGrantAt <= GROW_WITHIN_ROUND_TRIPS * Math.max(rttMs, LEAST_RTT_MS)
    this.#lastGrantAt = now
    if (!isFast || this.#windowBytes >= maxWindowBytes) return 0
    const grown = this.#growth.take(Math.min(this.#windowBytes, maxWindowBytes - this.#windowBytes))
    this.#windowBytes += grown
    return grown
  }
}
