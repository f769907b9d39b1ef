import { Partitioners, type Kafka, type Message, type ProducerBatch, type RecordMetadata } from 'kafkajs'

import { quickRetry } from './kafka-client.js'
import type { KafkaSettings } from './kafka-settings.js'

/** kafkajs's producer, as far as it is used: it takes any number for a compression that it has a codec for. */
interface BareProducer {
  connect(): Promise<void>
  disconnect(): Promise<void>
  sendBatch(batch: Omit<ProducerBatch, 'compression'> & { readonly compression: number }): Promise<RecordMetadata[]>
}

/** After so many messages a producer is replaced: kafkajs continues at 0 after the largest sequence number of a partition, one earlier than brokers expect. */
const MAX_MESSAGES = 0x4000_0000

/** A partition that this producer has not heard of, though there is one: a new producer asks anew. */
export class UnknownPartition extends Error {}

/** A producer of kafkajs with an id of its own, by which the brokers know what they have already. */
export class KafkaProducer {
  readonly #settings: KafkaSettings
  readonly #compression: number
  readonly #producer: BareProducer
  #sent = 0

  constructor(kafka: Kafka, settings: KafkaSettings, compression: number) {
    this.#settings = settings
    this.#compression = compression
    this.#producer = kafka.producer({
      idempotent: settings.idempotent,
      // An idempotent one has to have answers in their order.
      ...(settings.idempotent && { maxInFlightRequests: 1 }),
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: quickRetry(settings.addresses.length),
    })
  }

  get isWornOut(): boolean {
    return this.#sent > MAX_MESSAGES
  }

  connect(): Promise<void> {
    return this.#producer.connect()
  }

  /**
   * Resolves when the brokers have all of `records`, as `requiredAcks` says. After a rejection the same call again is recognised by the brokers, if nothing else
   * was sent to that partition in between.
   */
  async send(topic: string, partition: number, records: Message[]): Promise<void> {
    const { acks, timeoutMs } = this.#settings
    this.#sent += records.length
    const topicMessages = [{ topic, messages: records }]
    const answers = await this.#producer.sendBatch({ acks, timeout: timeoutMs, compression: this.#compression, topicMessages })
    // kafkajs resolves also when it had no partition to send to.
    if (acks !== 0 && !answers.some((answer) => answer.topicName === topic && answer.partition === partition)) {
      throw new UnknownPartition(`partition ${partition} of ${topic} is new`)
    }
  }

  /** Lets go of its connections; may take as long as an answer may. Never rejects. */
  async disconnect(): Promise<void> {
    await this.#producer.disconnect().catch(() => undefined)
  }
}
