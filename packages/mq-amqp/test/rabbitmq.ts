import { connect, type Channel, type ChannelModel, type GetMessage } from 'amqplib'
import type { BrokerSession, SessionEvents } from '@frontier/mq'
import type { FrontierError } from '@frontier/wire'

import { amqpDriver, type AmqpBridgeOptions } from '../src/index.js'

export const url: URL | undefined = process.env['RABBITMQ_URL'] === undefined ? undefined : new URL(process.env['RABBITMQ_URL'])
export const missing = 'RABBITMQ_URL is not set: no RabbitMQ to test with'
export const address: string = url === undefined ? '' : `${url.username}:${url.password}@${url.host}`

let count = 0
export function unique(name: string): string {
  return `frontier-test-${process.pid}-${++count}-${name}`
}

/** The broker's own client, beside the driver: to make queues and read them. */
export class Other {
  readonly #model: ChannelModel
  readonly channel: Channel
  readonly #queues: string[] = []
  readonly #exchanges: string[] = []

  private constructor(model: ChannelModel, channel: Channel) {
    this.#model = model
    this.channel = channel
  }

  static async connect(): Promise<Other> {
    const model = await connect(url!.href)
    model.on('error', () => undefined)
    return new Other(model, await model.createChannel())
  }

  async queue(options: object = {}): Promise<string> {
    const name = unique('queue')
    await this.channel.assertQueue(name, { durable: false, ...options })
    this.#queues.push(name)
    return name
  }

  async exchange(kind = 'topic', options: object = {}): Promise<string> {
    const name = unique('exchange')
    await this.channel.assertExchange(name, kind, { durable: false, ...options })
    this.#exchanges.push(name)
    return name
  }

  /** Deletes these too in the end. */
  alsoQueue(name: string): void {
    this.#queues.push(name)
  }

  alsoExchange(name: string): void {
    this.#exchanges.push(name)
  }

  async read(queue: string): Promise<GetMessage[]> {
    const messages: GetMessage[] = []
    for (;;) {
      const message = await this.channel.get(queue, { noAck: true })
      if (message === false) return messages
      messages.push(message)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const queue of this.#queues) await this.channel.deleteQueue(queue)
    for (const exchange of this.#exchanges) await this.channel.deleteExchange(exchange)
    await this.#model.close()
  }
}

/** What a session told. */
export interface Told extends SessionEvents {
  readonly lost: FrontierError[]
  readonly troubles: FrontierError[]
  recovered: number
}

export function told(): Told {
  const events: Told = {
    lost: [],
    troubles: [],
    recovered: 0,
    onLost: (error) => events.lost.push(error),
    onTrouble: (error) => events.troubles.push(error),
    onRecovered: () => events.recovered++,
  }
  return events
}

export function openDriver(options: Partial<AmqpBridgeOptions>, events: SessionEvents = told()): Promise<BrokerSession> {
  return amqpDriver({ addresses: [address], ...options }).open(events, AbortSignal.timeout(10_000))
}
