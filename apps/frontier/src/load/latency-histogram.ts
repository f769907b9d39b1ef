/** Steps per doubling: a bucket is at most 2.2 % wide. */
const STEPS = 32
const DOUBLINGS = 36

/** Counts times in buckets that grow with the time, from 1/16 us to over an hour, in constant memory. */
export class LatencyHistogram {
  count = 0
  leastMs: number = Number.POSITIVE_INFINITY
  mostMs = 0
  #sumMs = 0
  readonly #counts = new Uint32Array(STEPS * DOUBLINGS)

  /** Notes one time. */
  add(milliseconds: number): void {
    const bucket = Math.floor(Math.log2(milliseconds * 16_000) * STEPS)
    this.#counts[Math.min(Math.max(bucket, 0), this.#counts.length - 1)]!++
    this.count++
    this.#sumMs += milliseconds
    if (milliseconds < this.leastMs) this.leastMs = milliseconds
    if (milliseconds > this.mostMs) this.mostMs = milliseconds
  }

  /** NaN when there are none. */
  get meanMs(): number {
    return this.#sumMs / this.count
  }

  /** What `part` (0 to 1) of all times do not exceed; NaN when there are none. */
  percentileMs(part: number): number {
    let left = Math.max(1, Math.ceil(this.count * part))
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      left -= this.#counts[bucket]!
      // The middle of a bucket can lie outside of what was seen.
      if (left <= 0) return Math.min(this.mostMs, Math.max(this.leastMs, 2 ** ((bucket + 0.5) / STEPS) / 16_000))
    }
    return Number.NaN
  }
}
