import { toFrontierError, type FrontierError, type FrontierErrorCode } from '@frontier/wire'

import { LatencyHistogram } from './latency-histogram.js'

/** What a load has come to so far. */
export class Tally {
  readonly latency: LatencyHistogram = new LatencyHistogram()
  /** Of payload. */
  bytes = 0
  readonly failures: Map<FrontierErrorCode, number> = new Map()
  /** What went wrong first. */
  firstError: FrontierError | undefined

  /** Notes something that was done, and the payload that it carried. */
  done(milliseconds: number, bytes: number): void {
    this.latency.add(milliseconds)
    this.bytes += bytes
  }

  /** Notes something that failed. */
  failed(error: unknown): void {
    const failure = toFrontierError(error, 'REMOTE_ERROR')
    const { code } = failure
    this.firstError ??= failure
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1)
  }

  get failedCount(): number {
    let count = 0
    for (const some of this.failures.values()) count += some
    return count
  }
}
