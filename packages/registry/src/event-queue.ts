import { FrontierError } from '@frontier/wire'

import type { RegistryEvent, WatchOptions } from './events.js'

const DEFAULT_MAX_QUEUED = 16_384

type Result = IteratorResult<RegistryEvent, undefined>

/** The events of one watcher that iterates. When too many wait, it gets those and then BUFFER_FULL, never a gap that it does not hear of. */
export class EventQueue implements AsyncIterableIterator<RegistryEvent, undefined> {
  readonly #events: RegistryEvent[] = []
  readonly #waiters: ((result: Result) => void)[] = []
  readonly #maxQueued: number
  readonly #signal: AbortSignal | undefined
  readonly #onAbort = (): void => void this.return()
  #onEnded: ((queue: EventQueue) => void) | undefined = undefined
  #error: FrontierError | undefined = undefined

  /** @throws INVALID_ARGUMENT when maxQueued is not an integer from 1 on. */
  constructor(options: WatchOptions, onEnded: (queue: EventQueue) => void) {
    this.#maxQueued = options.maxQueued ?? DEFAULT_MAX_QUEUED
    if (!Number.isInteger(this.#maxQueued) || this.#maxQueued < 1) {
      throw new FrontierError('INVALID_ARGUMENT', `maxQueued is ${this.#maxQueued}, not an integer from 1 on`)
    }
    this.#signal = options.signal
    if (this.#signal?.aborted === true) return
    this.#onEnded = onEnded
    this.#signal?.addEventListener('abort', this.#onAbort)
  }

  /** Whether it takes no more events. */
  get isEnded(): boolean {
    return this.#onEnded === undefined
  }

  push(event: RegistryEvent): void {
    if (this.isEnded) return
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) {
      waiter({ done: false, value: event })
      return
    }
    if (this.#events.length < this.#maxQueued) {
      this.#events.push(event)
      return
    }
    this.#error = new FrontierError(
      'BUFFER_FULL',
      `the watcher is more than ${this.#maxQueued} events behind; list again and watch anew`,
    )
    this.#detach()
  }

  /** No more events; those that wait are still handed out. */
  end(): void {
    this.#detach()
    for (const waiter of this.#waiters.splice(0)) waiter({ done: true, value: undefined })
  }

  async next(): Promise<Result> {
    const event = this.#events.shift()
    if (event !== undefined) return { done: false, value: event }
    if (this.#error !== undefined) {
      const error = this.#error
      this.#error = undefined
      throw error
    }
    if (this.isEnded) return { done: true, value: undefined }
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** Ends the iteration at once: what waits is forgotten. */
  async return(): Promise<Result> {
    this.#events.length = 0
    this.#error = undefined
    this.end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #detach(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    const onEnded = this.#onEnded
    this.#onEnded = undefined
    onEnded?.(this)
  }
}
