import type { ConsumeOptions } from '@frontier/mq'
import { FrontierError, toFrontierError } from '@frontier/wire'
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'

import { refusal } from './amqp-fault.js'
import { fromTable, KEY_HEADER } from './amqp-headers.js'

const FIRST_RETRY_MS = 100
const NEXT_RETRY_MS = 1000
const REOPEN_MS = 1000

/** What happens to a consumer while it lives. */
export interface ConsumerEvents {
  /** It consumes nothing now, and tries again. */
  onTrouble(error: FrontierError): void
  onRecovered(): void
}

/** Consumes one queue, on a channel of its own, until it is stopped: also when the queue goes and comes back, or the broker closes the channel. */
export class QueueConsumer {
  readonly #model: ChannelModel
  readonly #options: ConsumeOptions
  readonly #events: ConsumerEvents
  readonly #retries = new Set<NodeJS.Timeout>()
  #channel: Channel | undefined
  #tag = ''
  #isStopped = false
  #reopening: NodeJS.Timeout | undefined
  #trouble: FrontierError | undefined

  constructor(model: ChannelModel, options: ConsumeOptions, events: ConsumerEvents) {
    this.#model = model
    this.#options = options
    this.#events = events
  }

  /** Rejects with RECORD_NOT_FOUND without such a queue, or with what else the broker has against it. */
  async open(): Promise<void> {
    const { from, maxUnsettled } = this.#options
    try {
      const channel = await this.#model.createChannel()
      channel.on('error', (error: unknown) => (this.#trouble = refusal(error, `queue ${from}`, 'RECORD_NOT_FOUND')))
      await channel.prefetch(Math.min(maxUnsettled, 65_535))
      // The first messages come before the promise of `consume` goes on.
      this.#channel = channel
      const { consumerTag } = await channel.consume(from, (message) => this.#onDelivery(channel, message))
      this.#tag = consumerTag
      channel.on('close', () => this.#onClose(channel))
    } catch (error) {
      this.#channel = undefined
      throw refusal(error, `queue ${from}`, 'RECORD_NOT_FOUND')
    }
  }

  /** Tells of `error`, and tries to open from time to time. */
  lookFor(error: FrontierError): void {
    if (this.#isStopped) return
    this.#events.onTrouble(error)
    this.#openLater()
  }

  /** No message comes any more. Those that are not settled can be, until the connection closes. Never rejects. */
  async stop(): Promise<void> {
    this.end()
    await this.#channel?.cancel(this.#tag).catch(() => undefined)
  }

  /** The connection is over. */
  end(): void {
    this.#isStopped = true
    clearTimeout(this.#reopening)
    for (const timer of this.#retries) clearTimeout(timer)
    this.#retries.clear()
  }

  #onDelivery(channel: Channel, message: ConsumeMessage | null): void {
    if (this.#isStopped) return // the broker has it back when the connection closes
    if (message === null) {
      this.#trouble = new FrontierError('RECORD_NOT_FOUND', `queue ${this.#options.from}: it was deleted`)
      channel.close().catch(() => undefined)
      return
    }
    const headers = fromTable(message.properties.headers)
    const key = headers[KEY_HEADER]
    let isSettled = false
    const settle = (how: () => void) => {
      if (isSettled) return
      isSettled = true
      how()
    }
    this.#options.onMessage({
      source: this.#options.from,
      key: typeof key === 'string' ? key : message.fields.routingKey,
      headers,
      data: message.content,
      ack: () => settle(() => this.#tell(channel, () => channel.ack(message))),
      retry: () => settle(() => this.#requeue(channel, message)),
    })
  }

  // RabbitMQ puts a message that is requeued at the head of its queue, from where it comes at once. It keeps its place of the prefetch meanwhile, so that
  // a queue full of them is not gone through faster either.
  #requeue(channel: Channel, message: ConsumeMessage): void {
    if (this.#isStopped) return
    const timer = setTimeout(
      () => {
        this.#retries.delete(timer)
        this.#tell(channel, () => channel.nack(message, false, true))
      },
      message.fields.redelivered ? NEXT_RETRY_MS : FIRST_RETRY_MS,
    )
    this.#retries.add(timer)
  }

  // A channel that is closed, or closing, takes nothing; the broker sends what was on it again.
  #tell(channel: Channel, how: () => void): void {
    if (this.#channel !== channel) return
    try {
      how()
    } catch {
      // amqplib throws for a channel that is closing.
    }
  }

  #onClose(channel: Channel): void {
    if (this.#channel !== channel) return
    this.#channel = undefined
    if (this.#isStopped || this.#trouble === undefined) return // without an error of its own, the connection is over
    this.lookFor(this.#trouble)
  }

  #openLater(): void {
    this.#reopening = setTimeout(() => {
      this.open().then(
        () => {
          this.#trouble = undefined
          this.#events.onRecovered()
        },
        (error: unknown) => {
          if (this.#isStopped) return
          this.lookFor(toFrontierError(error, 'BRIDGE_UNAVAILABLE'))
        },
      )
    }, REOPEN_MS * (0.5 + Math.random()))
  }
}
