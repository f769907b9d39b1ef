/** Steps of one doubling: figures are right to 3 %. */
const STEPS = 16
/** Up to 2^27 us, two minutes. */
const DOUBLINGS = 27

/** How often which latency was seen. */
export class LatencyCounts {
  readonly #counts = new Uint32Array(STEPS * DOUBLINGS)
  size = 0

  /** `ms` is above 0. */
  add(ms: number): void {
    const step = Math.floor(Math.log2(Math.max(1, ms * 1000)) * STEPS)
    this.#counts[Math.min(step, this.#counts.length - 1)]!++
    this.size++
  }

  /** In milliseconds, of these and `others`; `share` is 0.5 for the median. 0 when there are none. */
  percentile(share: number, others: LatencyCounts): number {
    if (this.size + others.size === 0) return 0
    let left = Math.ceil((this.size + others.size) * share)
    for (let step = 0; step < this.#counts.length; step++) {
      left -= this.#counts[step]! + others.#counts[step]!
      if (left <= 0) return 2 ** ((step + 0.5) / STEPS) / 1000
    }
    return 0
  }
}
