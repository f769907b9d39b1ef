const SPAN_MS = 60_000

/** The smallest round trip of the last one to two minutes: what a way costs when nothing queues on it. It forgets, because ways change. */
export class BaseDelay {
  #current = Infinity
  #previous = Infinity
  #since = 0

  /** Takes a round trip in and returns what it has above the smallest, in milliseconds. */
  queueingDelay(roundTripMs: number, now: number): number {
    const age = now - this.#since
    if (age >= SPAN_MS) {
      this.#previous = age < 2 * SPAN_MS ? this.#current : Infinity
      this.#current = Infinity
      this.#since = now
    }
    if (roundTripMs < this.#current) this.#current = roundTripMs
    return roundTripMs - Math.min(this.#current, this.#previous)
  }
}
