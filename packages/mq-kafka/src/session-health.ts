import type { SessionEvents } from '@frontier/mq'
import type { FrontierError } from '@frontier/wire'

/** Tells once when things go bad, and once when they are well again, however many notice. */
export class SessionHealth {
  readonly #events: SessionEvents
  #isBad = false
  #isOver = false

  constructor(events: SessionEvents) {
    this.#events = events
  }

  get isBad(): boolean {
    return this.#isBad
  }

  trouble(error: FrontierError): void {
    if (this.#isBad || this.#isOver) return
    this.#isBad = true
    this.#events.onTrouble(error)
  }

  recovered(): void {
    if (!this.#isBad || this.#isOver) return
    this.#isBad = false
    this.#events.onRecovered()
  }

  /** Nothing is told any more. */
  end(): void {
    this.#isOver = true
  }
}
