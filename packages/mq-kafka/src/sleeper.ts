/** Waits that all end early when there is nothing to wait for any more. */
export class Sleeper {
  readonly #sleeping = new Map<NodeJS.Timeout, () => void>()
  #isOver = false

  /** Resolves after `ms`, or on {@link wakeAll}. */
  sleep(ms: number): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#sleeping.delete(timer)
        resolve()
      }, ms)
      this.#sleeping.set(timer, resolve)
    })
  }

  /** Ends every wait, and those that begin later. */
  wakeAll(): void {
    this.#isOver = true
    for (const [timer, resolve] of this.#sleeping) {
      clearTimeout(timer)
      resolve()
    }
    this.#sleeping.clear()
  }
}

/** How long to wait before try `attempt` (1 = the second): random in the upper half below a ceiling that doubles. */
export function backoffMs(attempt: number, firstMs: number, maxMs: number): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30))
  return ceiling / 2 + (Math.random() * ceiling) / 2
}
