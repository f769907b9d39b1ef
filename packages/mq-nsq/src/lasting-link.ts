import type { FrontierError } from '@frontier/wire'

import type { LinkEvents, NsqdLink } from './nsqd-link.js'

const FIRST_DELAY_MS = 250
/** A link that lived so long was none of a row of failures. */
const STABLE_MS = 10_000

/** What a lasting link tells. */
export interface LastingLinkEvents {
  onUp(): void
  /** Also for each attempt that fails. */
  onDown(error: FrontierError): void
}

/** A link that is dialled anew whenever it ends, until it is stopped: after a wait that grows, and is random below its ceiling. */
export class LastingLink<L extends NsqdLink> {
  readonly #dial: (events: LinkEvents) => L
  readonly #events: LastingLinkEvents
  readonly #maxDelayMs: number
  #link: L | undefined
  #failures = 0
  #upAt = 0
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(dial: (events: LinkEvents) => L, events: LastingLinkEvents, maxDelayMs: number) {
    this.#dial = dial
    this.#events = events
    this.#maxDelayMs = maxDelayMs
  }

  /** The link, when it is up. */
  get link(): L | undefined {
    return this.#link?.isUp === true ? this.#link : undefined
  }

  start(): void {
    this.#link = this.#dial({
      onUp: () => {
        this.#upAt = performance.now()
        this.#events.onUp()
      },
      onDown: (error) => this.#onDown(error),
    })
    this.#link.dial()
  }

  /** Ends the link at once, and silently. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#link?.close()
  }

  #onDown(error: FrontierError): void {
    if (this.#upAt > 0 && performance.now() - this.#upAt > STABLE_MS) this.#failures = 0
    this.#upAt = 0
    const ceilingMs = Math.min(this.#maxDelayMs, FIRST_DELAY_MS * 2 ** this.#failures++)
    this.#timer = setTimeout(() => this.start(), Math.random() * ceilingMs)
    this.#events.onDown(error)
    if (this.#isStopped) clearTimeout(this.#timer)
  }
}
