import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks'

const RESOLUTION_MS = 20
/** How long a figure looks back, at least. */
const WINDOW_MS = 10_000

/** How late the event loop comes to its work, measured while somebody wants to know. */
export class LoopDelay {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #begunAt = performance.now()

  constructor() {
    this.#histogram.enable()
  }

  /** Of the last seconds, in milliseconds, beyond the resolution of the measurement itself. */
  figures(): { p50Ms: number; p99Ms: number } {
    const late = (percentile: number): number => {
      const ns = this.#histogram.count === 0 ? 0 : this.#histogram.percentile(percentile)
      return Math.max(0, ns / 1e6 - RESOLUTION_MS)
    }
    const figures = { p50Ms: late(50), p99Ms: late(99) }
    if (performance.now() - this.#begunAt > WINDOW_MS) {
      this.#histogram.reset()
      this.#begunAt = performance.now()
    }
    return figures
  }

  close(): void {
    this.#histogram.disable()
  }
}
