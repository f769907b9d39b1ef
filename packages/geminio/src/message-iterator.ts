import type { Message } from './message.js'

/** The async iterator of `messages()`. It keeps nothing but those who wait in `next()`; leaving the loop lets go of the messages. */
export class MessageIterator implements AsyncIterableIterator<Message> {
  readonly #take: () => Message | undefined
  readonly #leave: () => void
  #readers: ((result: IteratorResult<Message, undefined>) => void)[] = []
  #isEnded = false
  #hasLeft = false

  /** `take` gives the first message that waits; `leave` is called once the iterator is given up. */
  constructor(take: () => Message | undefined, leave: () => void) {
    this.#take = take
    this.#leave = leave
  }

  /** Gives `message` to whoever waits in `next()`; false when nobody does. */
  offer(message: Message): boolean {
    const reader = this.#readers.shift()
    reader?.({ value: message, done: false })
    return reader !== undefined
  }

  /** No message comes any more. */
  end(): void {
    this.#isEnded = true
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true })
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const message = this.#hasLeft ? undefined : this.#take()
    if (message !== undefined) return Promise.resolve({ value: message, done: false })
    if (this.#isEnded) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve) => this.#readers.push(resolve))
  }

  return(): Promise<IteratorResult<Message, undefined>> {
    this.#hasLeft = true
    this.end()
    this.#leave()
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
