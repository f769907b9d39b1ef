import { FrontierError } from '@frontier/wire'

const DENIED_MS = 5_000
const MAX_DENIED = 1_000

/**
 * Subjects that the server does not let us publish to: it says so once per message, but not which one it was, so nothing goes there for a while, and what went
 * there before was not delivered.
 */
export class DeniedSubjects {
  readonly #until = new Map<string, number>()

  add(subject: string): void {
    if (this.#until.size >= MAX_DENIED) this.#until.clear()
    this.#until.set(subject, performance.now() + DENIED_MS)
  }

  /** Why a message that was sent to `subject` did not go there. */
  refusal(subject: string): FrontierError | undefined {
    if (!this.#until.has(subject)) return undefined
    return new FrontierError('PERMISSION_DENIED', `nats: the server lets us not publish to ${subject}`)
  }

  /** Why a message may not be sent to `subject` now. */
  refusalNow(subject: string): FrontierError | undefined {
    const until = this.#until.get(subject)
    if (until !== undefined && performance.now() > until) this.#until.delete(subject)
    return this.refusal(subject)
  }
}
