const FIRST_DELAY_MS = 250

/** Pauses between attempts: each as long as chance will have it, below a ceiling that doubles from 250 ms. */
export class RetryPauses {
  readonly #maxDelayMs: number
  #count = 0

  constructor(maxDelayMs: number) {
    this.#maxDelayMs = maxDelayMs
  }

  /** The next pause. Resolves when it is over or `signal` aborts, with whether there is to be another attempt. */
  next(signal: AbortSignal): Promise<boolean> {
    const delayMs = Math.random() * Math.min(this.#maxDelayMs, FIRST_DELAY_MS * 2 ** this.#count++)
    if (signal.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve(!signal.aborted)
      }
      const timer = setTimeout(done, delayMs)
      signal.addEventListener('abort', done)
    })
  }

  /** What was attempted has held: the next pause is as short as the first. */
  reset(): void {
    this.#count = 0
  }
}
