import type { FrontierError, FrontierErrorCode } from '@frontier/wire'

/** What an end, or a stream, tells when it is over; 'CLOSED' = it was asked to. */
export interface CloseReason {
  code: FrontierErrorCode | 'CLOSED'
  message: string
  error?: FrontierError
}

/** What happens to the link of an end, in order. `delayMs` is the pause before the attempt. */
export type Status =
  | { type: 'online'; id: bigint; resumed: boolean }
  | { type: 'offline'; error: FrontierError }
  | { type: 'retrying'; attempt: number; delayMs: number }
  | { type: 'draining'; reason: string }
  | { type: 'closed'; reason: CloseReason }

/** Where an end stands: 'offline' = the link went and another is being sought, 'draining' = the link serves only what is in flight. */
export type EndState = 'connecting' | 'online' | 'offline' | 'draining' | 'closed'

/** The close reason that stands for `error`. */
export function closeReasonOf(error: FrontierError): CloseReason {
  return { code: error.code, message: error.reason, error }
}

/** Who listens to the status of one end. A listener that throws is its own problem: the others still hear. */
export class StatusListeners {
  readonly #listeners = new Set<{ listener: (status: Status) => void }>()

  add(listener: (status: Status) => void): Disposable {
    const entry = { listener }
    this.#listeners.add(entry)
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) }
  }

  tell(status: Status): void {
    for (const { listener } of [...this.#listeners]) {
      try {
        listener(status)
      } catch (thrown) {
        // As with an event target: the fault is reported, and nothing here depends on it.
        queueMicrotask(() => {
          throw thrown
        })
      }
    }
  }
}
