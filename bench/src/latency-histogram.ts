/** Steps per doubling: a bucket is at most 2.2 % wide. */
const STEPS = 32
const DOUBLINGS = 36

/** Counts durations in buckets that grow with the duration, from 1/16 us to over an hour: a few nanoseconds an entry, no allocation. */
export class LatencyHistogram {
  count = 0
  readonly #counts = new Uint32Array(STEPS * DOUBLINGS)

  /** Notes one duration in milliseconds. */
  add(milliseconds: number): void {
    const bucket = Math.floor(Math.log2(milliseconds * 16_000) * STEPS)
    this.#counts[Math.min(Math.max(bucket, 0), this.#counts.length - 1)]!++
    this.count++
  }

  /** The duration in microseconds that `part` (0 to 1) of all entries do not exceed; NaN when there are none. */
  percentileUs(part: number): number {
    let left = Math.max(1, Math.ceil(this.count * part))
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      left -= this.#counts[bucket]!
      if (left <= 0) return 2 ** ((bucket + 0.5) / STEPS) / 16
    }
    return Number.NaN
  }
}
