import type { ConsumeOptions } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { Msg, NatsConnection, Subscription } from 'nats'

import { natsError } from './nats-errors.js'
import { headersIn, recordOf } from './nats-headers.js'

/** Core NATS does not wait for slow consumers: what is beyond this is dropped, as the server would. */
const MAX_QUEUED = 16_384

/** What a {@link CoreConsumer} tells. */
export interface CoreConsumerEvents {
  /** Messages were dropped. */
  onDropped(error: FrontierError): void
  /** There is room again. */
  onRoom(): void
  /** The server does not let us listen, or no longer: nothing will come. */
  onOver(error: FrontierError): void
}

/** A subscription of a queue group. It promises nothing: what nobody takes in is gone, and so is what was not delivered. */
export class CoreConsumer {
  readonly #options: ConsumeOptions
  readonly #events: CoreConsumerEvents
  readonly #subscription: Subscription
  #queue: Msg[] = []
  #head = 0
  #unsettled = 0
  #isDropping = false
  #isOver = false

  constructor(connection: NatsConnection, options: ConsumeOptions, events: CoreConsumerEvents) {
    this.#options = options
    this.#events = events
    this.#subscription = connection.subscribe(options.from, { queue: options.group, callback: (error, message) => this.#onMessage(error, message) })
  }

  /** Hands out nothing more. */
  stop(): void {
    this.#isOver = true
    this.#subscription.unsubscribe()
    this.#queue = []
  }

  #onMessage(error: Error | null, message: Msg): void {
    if (this.#isOver) return
    if (error !== null) {
      this.#events.onOver(natsError(error, `consuming ${this.#options.from}`))
      return
    }
    if (this.#queue.length - this.#head >= MAX_QUEUED) {
      if (!this.#isDropping) this.#events.onDropped(new FrontierError('SLOW_CONSUMER', `nats: messages of ${this.#options.from} are dropped: edges are too slow`))
      this.#isDropping = true
      return
    }
    this.#queue.push(message)
    this.#handOut()
  }

  #handOut(): void {
    while (this.#unsettled < this.#options.maxUnsettled && this.#head < this.#queue.length) {
      const message = this.#queue[this.#head++]!
      this.#unsettled++
      let isSettled = false
      const settle = (): void => {
        if (isSettled) return
        isSettled = true
        this.#unsettled--
        // Not at once: a message that is settled within the call would be a call deeper each.
        if (this.#head < this.#queue.length) queueMicrotask(() => this.#handOut())
      }
      const { subject, data } = message
      this.#options.onMessage({ source: subject, key: '', headers: recordOf(headersIn(message)), data, ack: settle, retry: settle })
    }
    if (this.#head < this.#queue.length) return
    this.#queue = []
    this.#head = 0
    if (this.#isDropping) this.#events.onRoom()
    this.#isDropping = false
  }
}
