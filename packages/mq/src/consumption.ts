import { toFrontierError, type FrontierError } from '@frontier/wire'
import type { BrokerSession, ConsumeOptions } from './broker-driver.js'
import { RetryPauses } from './retry-pauses.js'

/** What is consumed in one session. A topic, queue or stream that is not there, or not ours to read, is tried again for as long as the session lives: publishing goes on meanwhile. */
export class Consumption {
  readonly #session: BrokerSession
  readonly #ended = new AbortController()
  readonly #maxDelayMs: number
  readonly #onFailed: (error: FrontierError) => void

  /** `onFailed` hears of each attempt that failed. */
  constructor(session: BrokerSession, maxDelayMs: number, onFailed: (error: FrontierError) => void) {
    this.#session = session
    this.#maxDelayMs = maxDelayMs
    this.#onFailed = onFailed
  }

  /** Begins to consume all of `sources`, each for itself. */
  begin(sources: readonly ConsumeOptions[]): void {
    for (const source of sources) void this.#begin(source)
  }

  /** The session is over. */
  end(): void {
    this.#ended.abort()
  }

  async #begin(source: ConsumeOptions): Promise<void> {
    const pauses = new RetryPauses(this.#maxDelayMs)
    while (!(await this.#isConsumed(source)) && (await pauses.next(this.#ended.signal)));
  }

  async #isConsumed(source: ConsumeOptions): Promise<boolean> {
    try {
      await this.#session.consume!(source)
      return true
    } catch (thrown) {
      if (!this.#ended.signal.aborted) this.#onFailed(toFrontierError(thrown, 'BRIDGE_UNAVAILABLE'))
      return false
    }
  }
}
