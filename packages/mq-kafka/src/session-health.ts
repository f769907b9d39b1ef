import type { SessionEvents } from '@frontier/mq'
import type { FrontierError } from '@frontier/wire'

/** How one part of a session is: what publishes, or one consumer. */
export interface PartHealth {
  readonly isBad: boolean
  trouble(error: FrontierError): void
  recovered(): void
}

/** Tells once when a part of a session goes bad, and once when all are well again, however often they notice. */
export class SessionHealth {
  readonly #events: SessionEvents
  #badParts = 0
  #isOver = false

  constructor(events: SessionEvents) {
    this.#events = events
  }

  /** One more part, which is well. */
  part(): PartHealth {
    let isBad = false
    return {
      get isBad() {
        return isBad
      },
      trouble: (error) => {
        if (isBad || this.#isOver) return
        isBad = true
        if (++this.#badParts === 1) this.#events.onTrouble(error)
      },
      recovered: () => {
        if (!isBad || this.#isOver) return
        isBad = false
        if (--this.#badParts === 0) this.#events.onRecovered()
      },
    }
  }

  /** Nothing is told any more. */
  end(): void {
    this.#isOver = true
  }
}
