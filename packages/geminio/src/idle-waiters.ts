import { FrontierError } from '@frontier/wire'
import { checkedTimeoutMs } from './call-options.js'
import { DeadlineEntry, type DeadlineWheel } from './deadline-wheel.js'

/** Options of waiting until nothing is in flight. */
export interface IdleOptions {
  /** How long to wait, in milliseconds (Infinity). */
  timeoutMs?: number | undefined
}

class IdleWaiter extends DeadlineEntry {
  readonly resolve: () => void
  readonly #onDeadline: (waiter: IdleWaiter) => void

  constructor(resolve: () => void, onDeadline: (waiter: IdleWaiter) => void) {
    super()
    this.resolve = resolve
    this.#onDeadline = onDeadline
  }

  override onDeadline(): void {
    this.#onDeadline(this)
  }
}

/** Those who wait until a channel, or a link of it, has nothing in flight. */
export class IdleWaiters {
  readonly #wheel: DeadlineWheel
  readonly #isIdle: () => boolean
  #waiters: Set<IdleWaiter> | undefined = undefined

  constructor(wheel: DeadlineWheel, isIdle: () => boolean) {
    this.#wheel = wheel
    this.#isIdle = isIdle
  }

  /** Resolves when idle. Rejects TIMEOUT after `timeoutMs`. */
  async wait(options: IdleOptions): Promise<void> {
    const timeoutMs = checkedTimeoutMs(options.timeoutMs ?? Infinity)
    if (this.#isIdle()) return
    await new Promise<void>((resolve, reject) => {
      const waiter = new IdleWaiter(resolve, (late) => {
        this.#waiters?.delete(late)
        reject(new FrontierError('TIMEOUT', `requests were still in flight after ${timeoutMs} ms`))
      })
      waiter.deadline = this.#wheel.now() + timeoutMs
      this.#wheel.add(waiter)
      this.#waiters ??= new Set()
      this.#waiters.add(waiter)
    })
  }

  /** Something has ended. */
  check(): void {
    if (this.#waiters === undefined || !this.#isIdle()) return
    const waiters = this.#waiters
    this.#waiters = undefined
    for (const waiter of waiters) {
      this.#wheel.remove(waiter)
      waiter.resolve()
    }
  }
}
