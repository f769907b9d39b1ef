import type { BrokerSession, ConsumeOptions, PendingMessage, SessionEvents } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'

import type { AmqpConnection } from './amqp-connection.js'
import { connectError } from './amqp-fault.js'
import { Publisher } from './publisher.js'
import { QueueConsumer } from './queue-consumer.js'
import type { LearnedLimits } from './learned-limits.js'
import type { AmqpSettings } from './resolve-options.js'

/** What a session needs beside its connection. */
export interface AmqpSessionHost {
  readonly settings: AmqpSettings
  readonly limits: LearnedLimits
  /** Queues that were consumed, in this session or one before. */
  readonly consumed: Set<string>
  readonly events: SessionEvents
}

/** A connection to RabbitMQ with one channel to publish on, and one for each queue that is consumed. */
export class AmqpSession implements BrokerSession {
  readonly #connection: AmqpConnection
  readonly #publisher: Publisher
  readonly #consumers = new Set<QueueConsumer>()
  readonly #events: SessionEvents
  readonly #consumed: Set<string>
  /** What is wrong now, by what it is wrong with. */
  readonly #troubles = new Map<unknown, FrontierError>()
  #state: 'opening' | 'open' | 'closing' | 'over' = 'opening'
  #error: Error | undefined

  constructor(connection: AmqpConnection, { settings, limits, consumed, events }: AmqpSessionHost) {
    this.#connection = connection
    this.#events = events
    this.#consumed = consumed
    const { model } = connection
    this.#publisher = new Publisher(model, settings, limits)
    model.on('error', (error: Error) => (this.#error = error))
    model.on('close', (error) => this.#onClose(error))
    model.on('blocked', (reason) => {
      this.#publisher.hold(true)
      this.#trouble(model, new FrontierError('BRIDGE_UNAVAILABLE', `RabbitMQ takes no messages now: ${reason}`))
    })
    model.on('unblocked', () => {
      this.#publisher.hold(false)
      this.#recovered(model)
    })
  }

  /** Opens the channel to publish on. Nothing is told of a session before that. */
  async open(): Promise<void> {
    await this.#publisher.open()
    if (this.#state !== 'opening') throw this.#error ?? new Error('the connection was closed')
    this.#state = 'open'
  }

  send(batch: readonly PendingMessage[]): void {
    this.#publisher.send(batch)
  }

  async consume(options: ConsumeOptions): Promise<void> {
    const consumer: QueueConsumer = new QueueConsumer(this.#connection.model, options, {
      onTrouble: (error) => this.#trouble(consumer, error),
      onRecovered: () => this.#recovered(consumer),
    })
    this.#consumers.add(consumer)
    try {
      await consumer.open()
      this.#consumed.add(options.from)
    } catch (error) {
      // A queue that went while the connection was away (it was not durable, say) is no reason to have no connection, and to publish nothing: it is looked for.
      if (this.#consumed.has(options.from) && error instanceof FrontierError && error.code === 'RECORD_NOT_FOUND') {
        consumer.lookFor(error)
        return
      }
      consumer.end()
      this.#consumers.delete(consumer)
      throw error
    }
  }

  async close(timeoutMs: number): Promise<void> {
    const { model, destroy } = this.#connection
    if (this.#state === 'open') {
      this.#state = 'closing'
      const timeUp = new AbortController()
      const timer = setTimeout(() => timeUp.abort(), timeoutMs)
      const orTimeUp = (work: Promise<unknown>) =>
        Promise.race([work, new Promise<void>((resolve) => timeUp.signal.addEventListener('abort', () => resolve()))]).catch(() => undefined)
      await orTimeUp(Promise.all(Array.from(this.#consumers, (consumer) => consumer.stop())))
      if (!timeUp.signal.aborted) await orTimeUp(this.#publisher.idle())
      if (!timeUp.signal.aborted) await orTimeUp(closed(model))
      clearTimeout(timer)
    }
    destroy()
    this.#end(new FrontierError('BRIDGE_UNAVAILABLE', 'the bridge was closed', { delivered: 'maybe' }))
  }

  #onClose(error: Error | undefined): void {
    const cause = error ?? this.#error ?? new Error('the connection was closed')
    const { host, port } = this.#connection.address
    const lost = connectError(cause, `${host}:${port}`)
    const isUnexpected = this.#state === 'open'
    this.#error ??= error
    // What amqplib still had to write (its part of the closing) goes out first.
    setImmediate(this.#connection.destroy)
    const because = new FrontierError('BRIDGE_UNAVAILABLE', lost.reason, { delivered: 'maybe', cause })
    this.#end(because)
    if (isUnexpected) this.#events.onLost(new FrontierError('BRIDGE_UNAVAILABLE', lost.reason, { cause }))
  }

  #end(because: FrontierError): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    for (const consumer of this.#consumers) consumer.end()
    this.#publisher.end(because)
  }

  #trouble(what: unknown, error: FrontierError): void {
    this.#troubles.set(what, error)
    if (this.#state === 'open') this.#events.onTrouble(error)
  }

  #recovered(what: unknown): void {
    this.#troubles.delete(what)
    if (this.#state === 'open' && this.#troubles.size === 0) this.#events.onRecovered()
  }
}

// Where the connection is over, amqplib throws instead of rejecting.
async function closed(model: AmqpConnection['model']): Promise<void> {
  await model.close()
}
