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
  #attempt = 0
  readonly #options: BackoffOptions
  readonly #random: () => number

  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options
    this.#random = random
  }

  /** Attempts since the last reset, less what {@link noteLived} took back. */
  get attempt(): number {
    return this.#attempt
  }

  /** Counts an attempt and gives the delay before it, a whole number of milliseconds. */
  next(): number {
    const ceiling = this.#ceilingMs
    this.#attempt++
    return Math.round(this.#random() * ceiling)
  }

  /** A connection stood: the next failure begins anew. */
  reset(): void {
    this.#attempt = 0
  }

  /**
   * A connection ended that stood for so long. One that outlived the next pause begins the pauses anew; a shorter one takes back as many attempts as it takes
   * for pauses to grow that long: one that dies at once none, so that such are not sought at full speed.
   */
  noteLived(livedMs: number): void {
    const { initialDelayMs, maxDelayMs, factor } = this.#options
    if (livedMs >= this.#ceilingMs) this.reset()
    else if (livedMs > initialDelayMs) {
      const growth = (ms: number): number => Math.log(ms / initialDelayMs) / Math.log(factor)
      // Pauses that have reached their maximum do not grow any more, attempts do.
      this.#attempt = Math.max(0, Math.min(this.#attempt, Math.ceil(growth(maxDelayMs))) - Math.floor(growth(livedMs)))
    }
  }

  get #ceilingMs(): number {
    const { initialDelayMs, maxDelayMs, factor } = this.#options
    return Math.min(maxDelayMs, initialDelayMs * factor ** this.#attempt)
  }
}
