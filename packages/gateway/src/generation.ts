/**
 * Gives out generations: unix microseconds, but never one that was given before, whatever the clock does. One line for all ids makes them
 * strictly increasing for each.
 */
export class Generations {
  #last = 0
  readonly #now: () => number

  /** `now` is unix milliseconds; `Date.now` by default. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** The newest one given out. */
  get last(): number {
    return this.#last
  }

  /** The next generation, above `former`: the one in the peer's resume token, which another gateway with another clock may have given. */
  next(former = 0): number {
    this.#last = Math.max(Math.floor(this.#now()) * 1000, former + 1, this.#last + 1)
    return this.#last
  }
}
