import { readFileSync } from 'node:fs'
import path from 'node:path'

import type { BrokerSession, SessionEvents } from '@frontier/mq'
import { Kafka, logLevel, type Admin, type ITopicConfig, type KafkaMessage } from 'kafkajs'

import { kafkaDriver, type KafkaBridgeOptions } from '../src/index.js'
import { told, unique, until } from './pending.js'

const from = (name: string): string => process.env[name] ?? ''

/** Addresses, by what `brokers env` calls them; '' = not here. */
export const plain: string = from('KAFKA_BROKERS')
export const sasl: string = from('KAFKA_SASL_BROKERS')
export const tls: string = from('KAFKA_TLS_BROKERS')
export const mtls: string = from('KAFKA_MTLS_BROKERS')
export const login = { username: from('KAFKA_SASL_USERNAME'), password: from('KAFKA_SASL_PASSWORD') }

export function authority(): string {
  return readFileSync(from('BROKERS_CA'), 'utf8')
}

/** A certificate that the authority signed, and its key, which lie beside it. */
export function certificate(): { cert: string; key: string } {
  const [cert, key] = ['client.pem', 'client.key'].map((file) => readFileSync(path.join(path.dirname(from('BROKERS_CA')), file), 'utf8'))
  return { cert: cert!, key: key! }
}

export function isMissing(name: string): string {
  return `${name} is not set: no such broker to test with`
}

/** A message as the log has it. */
export interface Logged {
  readonly partition: number
  readonly key: string | undefined
  readonly headers: Record<string, string>
  readonly data: string
}

/** Kafka's own client, beside the driver. */
export class Other {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly #topics: string[] = []

  constructor(addresses: string = plain) {
    this.kafka = new Kafka({ brokers: addresses.split(','), logLevel: logLevel.NOTHING, retry: { retries: 20 } })
    this.admin = this.kafka.admin()
  }

  async topic(config: Partial<ITopicConfig> = {}): Promise<string> {
    const topic = unique('topic')
    await this.admin.connect()
    await this.admin.createTopics({ topics: [{ topic, numPartitions: 1, ...config }], waitForLeaders: false })
    this.#topics.push(topic)
    await until(() => this.#hasLeaders(topic), `${topic} has leaders`)
    return topic
  }

  /** Deletes this topic too in the end. */
  also(topic: string): void {
    this.#topics.push(topic)
  }

  /** All that the log has. */
  async read(topic: string): Promise<Logged[]> {
    await this.admin.connect()
    const ends = await this.admin.fetchTopicOffsets(topic)
    const total = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
    const consumer = this.kafka.consumer({ groupId: unique('reader'), maxWaitTimeInMs: 100 })
    const read: Logged[] = []
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({ autoCommit: false, eachMessage: async ({ partition, message }) => void read.push(loggedOf(partition, message)) })
      await until(() => read.length >= total, `${total} messages of ${topic}`, 60_000)
      return read
    } finally {
      await consumer.disconnect()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#topics.length > 0) await this.admin.deleteTopics({ topics: this.#topics }).catch(() => undefined)
    await this.admin.disconnect()
  }

  async #hasLeaders(topic: string): Promise<boolean> {
    const found = await this.admin.fetchTopicMetadata({ topics: [topic] }).catch(() => undefined)
    return found?.topics[0]?.partitions.every(({ leader }) => leader >= 0) ?? false
  }
}

function loggedOf(partition: number, { key, value, headers = {} }: KafkaMessage): Logged {
  const texts = Object.entries(headers).map(([name, content]) => [name, String(content)] as const)
  return { partition, key: key?.toString(), headers: Object.fromEntries(texts), data: value?.toString() ?? '' }
}

export function openDriver(options: Partial<KafkaBridgeOptions> = {}, events: SessionEvents = told()): Promise<BrokerSession> {
  return kafkaDriver({ addresses: plain.split(','), ...options }).open(events, AbortSignal.timeout(20_000))
}

/** Sockets and timers of this process. */
export function resources(): number {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Timeout|Immediate/.test(kind)).length
}
