import { FrontierError } from '@frontier/wire'
import type { DeadlineWheel } from './deadline-wheel.js'
import { isPromise } from './handler-result.js'
import { LinkedQueue } from './linked-queue.js'
import type { Message, MessageHandler } from './message.js'
import { MessageIterator } from './message-iterator.js'
import type { ReceivedMessage } from './received-message.js'
import type { SenderShares } from './sender-share.js'

/** What waits while a handler is busy with a message of the same sender. */
type SenderTurn = LinkedQueue<ReceivedMessage>

function listOf(queue: LinkedQueue<ReceivedMessage>): ReceivedMessage[] {
  const all: ReceivedMessage[] = []
  for (let message = queue.first; message !== undefined; message = message.queueNext) all.push(message)
  return all
}

function move(message: ReceivedMessage, to: LinkedQueue<ReceivedMessage>): void {
  message.queue!.remove(message)
  to.push(message)
}

/** Received messages on their way to the one consumer. What waits is paid from the budget and leaves at its deadline. */
export class Inbox {
  readonly #budget: SenderShares
  readonly #wheel: DeadlineWheel
  readonly #onIdle: () => void
  /** In order of arrival, for a consumer to come or the iterator to go on. */
  readonly #waiting = new LinkedQueue<ReceivedMessage>()
  /** Senders whose message a handler is busy with. */
  readonly #turns = new Map<bigint, SenderTurn>()
  #consumer: MessageHandler | MessageIterator | undefined = undefined
  #size = 0
  #order = 0
  #isClosed = false

  constructor(budget: SenderShares, wheel: DeadlineWheel, onIdle: () => void) {
    this.#budget = budget
    this.#wheel = wheel
    this.#onIdle = onIdle
  }

  /** Messages that wait. */
  get size(): number {
    return this.#size
  }

  /** Handlers that are busy with a message. */
  get busy(): number {
    return this.#turns.size
  }

  /** Hands `message` to the consumer or keeps it; false when there is no room to keep it. */
  add(message: ReceivedMessage): boolean {
    message.order = this.#order++
    return this.#deliver(message)
  }

  /** Takes a message out that waits; nothing happens to one that was taken. */
  remove(message: ReceivedMessage): void {
    if (message.queue !== undefined) this.#unqueue(message)
  }

  /** @throws INVALID_ARGUMENT when there is a consumer already. */
  consume(handler: MessageHandler): Disposable {
    if (typeof handler !== 'function') throw new FrontierError('INVALID_ARGUMENT', 'onMessage takes a function')
    this.#claim(handler)
    for (const message of listOf(this.#waiting)) {
      // A handler may have given up its place, or cancelled others, while it ran.
      if (this.#consumer !== handler) break
      if (message.queue !== this.#waiting) continue
      const turn = this.#turns.get(message.peer)
      if (turn === undefined) {
        this.#unqueue(message)
        this.#handle(message, handler)
      } else move(message, turn)
    }
    return { [Symbol.dispose]: () => this.#leave(handler) }
  }

  /** @throws INVALID_ARGUMENT when there is a consumer already. */
  iterate(): MessageIterator {
    const iterator: MessageIterator = new MessageIterator(
      () => this.#takeNext(),
      () => this.#leave(iterator),
    )
    this.#claim(iterator)
    if (this.#isClosed) iterator.end()
    return iterator
  }

  /** No message comes any more. An iterator ends behind those that wait for it; nobody else gets them. */
  close(): void {
    this.#isClosed = true
    const consumer = this.#consumer
    for (const message of [this.#waiting, ...this.#turns.values()].flatMap(listOf)) {
      this.#wheel.remove(message)
      if (consumer instanceof MessageIterator) continue
      this.#unqueue(message)
      message.settle(undefined)
    }
    if (consumer instanceof MessageIterator) consumer.end()
  }

  #claim(consumer: MessageHandler | MessageIterator): void {
    if (this.#consumer !== undefined) {
      throw new FrontierError('INVALID_ARGUMENT', 'messages have a consumer already: one messages() or one onMessage at a time')
    }
    this.#consumer = consumer
  }

  /** What the consumer has not begun with waits for the next one, in order of arrival. */
  #leave(consumer: MessageHandler | MessageIterator): void {
    if (this.#consumer !== consumer) return
    this.#consumer = undefined
    const unbegun = [...this.#turns.values()].flatMap(listOf)
    for (const message of unbegun.sort((a, b) => a.order - b.order)) move(message, this.#waiting)
  }

  #deliver(message: ReceivedMessage): boolean {
    const consumer = this.#consumer
    if (consumer === undefined) return this.#enqueue(this.#waiting, message)
    if (consumer instanceof MessageIterator) {
      message.hasBegun = consumer.offer(message.message)
      return message.hasBegun || this.#enqueue(this.#waiting, message)
    }
    const turn = this.#turns.get(message.peer)
    if (turn !== undefined) return this.#enqueue(turn, message)
    this.#handle(message, consumer)
    return true
  }

  /** Runs the handler; a promise makes the sender's later messages wait for it. */
  #handle(message: ReceivedMessage, handler: MessageHandler): boolean {
    message.hasBegun = true
    try {
      const result = handler(message.message)
      if (!isPromise(result)) {
        message.message.done()
        return false
      }
      if (!this.#turns.has(message.peer)) this.#turns.set(message.peer, new LinkedQueue())
      result.then(
        () => this.#handled(message, undefined),
        (error: unknown) => this.#handled(message, { error }),
      )
      return true
    } catch (error) {
      message.message.fail(error as Error)
      return false
    }
  }

  #handled(message: ReceivedMessage, thrown: { error: unknown } | undefined): void {
    if (thrown === undefined) message.message.done()
    else message.message.fail(thrown.error as Error)
    const turn = this.#turns.get(message.peer)!
    // As long as handlers return without waiting this goes on here, then the next promise does.
    while (typeof this.#consumer === 'function' && turn.first !== undefined) {
      const next = turn.first
      this.#unqueue(next)
      if (this.#handle(next, this.#consumer)) return
    }
    this.#turns.delete(message.peer)
    this.#onIdle()
  }

  #takeNext(): Message | undefined {
    const first = this.#waiting.first
    if (first === undefined) return undefined
    this.#unqueue(first)
    first.hasBegun = true
    return first.message
  }

  #enqueue(queue: LinkedQueue<ReceivedMessage>, message: ReceivedMessage): boolean {
    if (!this.#budget.take(message.peer, message.bytes)) return false
    queue.push(message)
    this.#size++
    return true
  }

  #unqueue(message: ReceivedMessage): void {
    message.queue!.remove(message)
    this.#budget.give(message.peer, message.bytes)
    this.#size--
  }
}
