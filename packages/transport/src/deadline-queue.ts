/** Things that all may wait equally long, oldest first, with one timer for all of them and none while it is empty. */
export class DeadlineQueue<Item extends object> {
  readonly #deadlines = new Map<Item, number>()
  readonly #waitMs: number
  readonly #onExpired: (item: Item) => void
  #timer: NodeJS.Timeout | undefined

  /** `onExpired` gets each item that was not taken out within `waitMs`; it is out of the queue by then. */
  constructor(waitMs: number, onExpired: (item: Item) => void) {
    this.#waitMs = waitMs
    this.#onExpired = onExpired
  }

  get size(): number {
    return this.#deadlines.size
  }

  /** The item that has waited longest. */
  get oldest(): Item | undefined {
    return this.#deadlines.keys().next().value
  }

  add(item: Item): void {
    this.#deadlines.set(item, performance.now() + this.#waitMs)
    this.#timer ??= this.#schedule(this.#waitMs)
  }

  /** Whether the item was in the queue. The timer is left alone: it finds nothing to do. */
  delete(item: Item): boolean {
    return this.#deadlines.delete(item)
  }

  /** Empties the queue and returns what was in it. */
  clear(): Item[] {
    const items = [...this.#deadlines.keys()]
    this.#deadlines.clear()
    clearTimeout(this.#timer)
    this.#timer = undefined
    return items
  }

  #schedule(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#expire(), Math.max(1, Math.ceil(delayMs))).unref()
  }

  #expire(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const [item, deadline] of this.#deadlines) {
      if (deadline > now) {
        this.#timer ??= this.#schedule(deadline - now)
        return
      }
      this.#deadlines.delete(item)
      this.#onExpired(item)
    }
  }
}
