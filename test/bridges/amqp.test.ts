import type { BridgeOptions } from '@frontier/mq'
import { amqpBridge, type AmqpQueue } from '@frontier/mq-amqp'
import { connect, type Channel, type ChannelModel } from 'amqplib'
import { missing, startBroker } from '../brokers/brokers.mjs'
import type { BrokerUnderTest, ReadMessage } from './bridge-subject.js'
import { describeBridge } from './describe-bridge.js'
import { textOf } from './text-of.js'

/** A client of ours that comes back by itself, and sets up its queues anew. */
class Client {
  readonly #url: string
  readonly #setUps: ((channel: Channel) => Promise<void>)[] = []
  #model: ChannelModel | undefined = undefined
  #channel: Channel | undefined = undefined
  #isClosed = false

  constructor(url: string) {
    this.#url = url
  }

  async run(): Promise<void> {
    if (this.#isClosed) return
    let model: ChannelModel | undefined
    try {
      model = await connect(this.#url)
      this.#model = model
      model.on('error', () => undefined)
      model.on('close', () => {
        this.#channel = undefined
        setTimeout(() => void this.run(), 50)
      })
      const channel = await model.createChannel()
      channel.on('error', () => undefined)
      for (const setUp of this.#setUps) await setUp(channel)
      this.#channel = channel
    } catch {
      // Its end makes the next one.
      if (model === undefined) setTimeout(() => void this.run(), 50)
      else void model.close().catch(() => undefined)
    }
  }

  async channel(): Promise<Channel> {
    while (this.#channel === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
    return this.#channel
  }

  /** Now, and after each reconnect. */
  async withChannel(setUp: (channel: Channel) => Promise<void>): Promise<void> {
    const channel = await this.channel()
    this.#setUps.push(setUp)
    await setUp(channel)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#model?.close().catch(() => undefined)
  }
}

/**
 * The queues of a bridge, which each of its connections declares, as each of the client's does: RabbitMQ forgets a durable queue that was declared just before it is killed
 * (one of five kills, on a busy machine, with 3.10).
 */
function queuesOf({ topics = [], consume = [] }: BridgeOptions): AmqpQueue[] {
  return [...topics.filter((topic) => !/[*>]/.test(topic)), ...consume.map(({ from }) => from)].map((name) => ({ name, durable: true }))
}

async function start(): Promise<BrokerUnderTest> {
  const broker = await startBroker('rabbitmq')
  const client = new Client(`amqp://guest:guest@${broker.address}`)
  await client.run()
  return {
    process: broker,
    bridge: (options) => amqpBridge({ addresses: [`guest:guest@${broker.address}`], maxMessageBytes: 200_000, queues: queuesOf(options), ...options }),
    strangerBridge: (options) => amqpBridge({ addresses: [`guest:wrong@${broker.address}`], ...options }),
    async reader(queue) {
      const messages: ReadMessage[] = []
      await client.withChannel(async (channel) => {
        await channel.assertQueue(queue, { durable: true })
        // What a bridge is to consume is not taken away from it.
        if (queue.endsWith('source')) return
        await channel.consume(queue, (message) => {
          if (message === null) return
          const headers = Object.fromEntries(Object.entries(message.properties.headers ?? {}).map(([name, value]) => [name, textOf(value)]))
          messages.push({ data: message.content.toString(), headers })
          channel.ack(message)
        })
      })
      const settle = async (): Promise<void> => {
        for (;;) {
          const channel = await client.channel()
          const { messageCount } = await channel.checkQueue(queue)
          const before = messages.length
          await new Promise((resolve) => setTimeout(resolve, 100))
          if (messageCount === 0 && messages.length === before) return
        }
      }
      return { messages, settle }
    },
    async feed(queue, { data, headers = {} }) {
      const channel = await client.channel()
      channel.sendToQueue(queue, Buffer.from(data), { headers })
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

describeBridge({
  name: 'RabbitMQ',
  missing: missing('rabbitmq'),
  start,
  guarantee: 'at-least-once',
  asksForPassword: true,
  canBeConsumed: true,
  hasHeaders: true,
  hasKey: false,
  tooLargeBytes: 200_001,
  badTopic: 'x'.repeat(256),
  missingTopic: 'no.such.queue',
  target: (word) => word,
})
