/** How long a query may hold the event loop at a time. */
const SLICE_MS = 2

/**
 * Cuts long work into slices between which the event loop turns. All work of one registry shares a pacer: however many queries run, there
 * is one slice in each turn.
 */
export class Pacer {
  #lastTurn: Promise<void> = Promise.resolve()

  /** Runs `work` to its end, pausing where it yields once its time is up. */
  async run(work: Iterator<unknown, void>): Promise<void> {
    let end = performance.now() + SLICE_MS
    while (work.next().done !== true) {
      if (performance.now() < end) continue
      await this.#turn()
      end = performance.now() + SLICE_MS
    }
  }

  #turn(): Promise<void> {
    this.#lastTurn = this.#lastTurn.then(() => new Promise((resolve) => setImmediate(resolve)))
    return this.#lastTurn
  }
}
