/** Delays between attempts, in milliseconds. */
export interface BackoffOptions {
  initialDelayMs: number
  maxDelayMs: number
  factor: number
}

/**
 * Exponential backoff with full jitter: attempt n waits a random time between 0 and initial * factor^(n-1), at most `maxDelayMs`, so that
 * peers that lost one gateway do not come back to the next one in step.
 */
export class Backoff {
  /** Attempts since the last reset. */
  attempt = 0
  readonly #options: BackoffOptions
  readonly #random: () => number

  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options
    this.#random = random
  }

  /** Counts an attempt and gives the delay before it, a whole number of milliseconds. */
  next(): number {
    const { initialDelayMs, maxDelayMs, factor } = this.#options
    const ceiling = Math.min(maxDelayMs, initialDelayMs * factor ** this.attempt)
    this.attempt++
    return Math.round(this.#random() * ceiling)
  }

  /** A connection stood: the next failure begins anew. */
  reset(): void {
    this.attempt = 0
  }
}
