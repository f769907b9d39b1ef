import { EventQueue } from './event-queue.js'
import type { RegistryEvent, RegistryListener, WatchOptions } from './events.js'

/** Hands events to those that watch, in one order for all, also when a listener changes the registry. */
export class Watchers {
  readonly #listeners = new Set<RegistryListener>()
  readonly #queues = new Set<EventQueue>()
  readonly #onListenerError: (error: unknown) => void
  readonly #waiting: RegistryEvent[] = []
  #emitting = false

  /** `onListenerError` is told what a listener throws: it must not reach whoever changes the registry. */
  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError
  }

  /** False = making an event would be for nothing. */
  get isWatched(): boolean {
    return this.#listeners.size > 0 || this.#queues.size > 0
  }

  listen(listener: RegistryListener): Disposable {
    // One of its own, so that the same function can listen twice and be disposed once.
    const own: RegistryListener = (event) => listener(event)
    this.#listeners.add(own)
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) }
  }

  iterate(options: WatchOptions): EventQueue {
    const queue = new EventQueue(options, (ended) => void this.#queues.delete(ended))
    if (!queue.isEnded) this.#queues.add(queue)
    return queue
  }

  emit(event: RegistryEvent): void {
    this.#waiting.push(event)
    if (this.#emitting) return
    this.#emitting = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#deliver(next)
    this.#emitting = false
  }

  /** All iterations end once they have had what waits for them; nobody is told anything any more. */
  close(): void {
    this.#listeners.clear()
    for (const queue of [...this.#queues]) queue.end()
  }

  #deliver(event: RegistryEvent): void {
    for (const queue of this.#queues) queue.push(event)
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#onListenerError(error)
      }
    }
  }
}
