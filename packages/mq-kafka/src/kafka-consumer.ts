import type { ConsumeOptions } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'

import { BatchDelivery, Slots } from './batch-delivery.js'
import { quickRetry } from './kafka-client.js'
import { loadDecompression } from './kafka-codecs.js'
import { kafkaError } from './kafka-errors.js'
import type { KafkaSettings } from './kafka-settings.js'
import type { PartHealth } from './session-health.js'
import { backoffMs, type Sleeper } from './sleeper.js'

const PARTITIONS_AT_ONCE = 16
/** How long a fetch may wait for messages: a close waits for it. */
const FETCH_WAIT_MS = 500

/** What a {@link KafkaConsumer} works with. */
export interface KafkaConsumerParts {
  readonly kafka: Kafka
  readonly settings: KafkaSettings
  readonly health: PartHealth
  readonly sleeper: Sleeper
}

/** A member of a consumer group, for as long as it is not stopped: whatever ends one of kafkajs's consumers, another takes its place. */
export class KafkaConsumer {
  readonly #parts: KafkaConsumerParts
  readonly #options: ConsumeOptions
  readonly #slots: Slots
  readonly #deliveries = new Set<BatchDelivery>()
  #consumer: Consumer | undefined
  #isStopping = false

  constructor(parts: KafkaConsumerParts, options: ConsumeOptions) {
    this.#parts = parts
    this.#options = options
    this.#slots = new Slots(options.maxUnsettled)
  }

  /** Joins the group. Rejects with a FrontierError when the brokers do not let it. */
  async start(): Promise<void> {
    await loadDecompression()
    const { ended } = await this.#join()
    void this.#stay(ended)
  }

  /** Hands out nothing more, waits for what was handed out, commits, and leaves the group. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopping = true
    for (const delivery of this.#deliveries) delivery.finish()
    await this.#consumer?.disconnect().catch(() => undefined)
  }

  /** Waits for nothing any more. */
  abandon(): void {
    for (const delivery of this.#deliveries) delivery.abandon()
  }

  async #stay(ended: Promise<FrontierError>): Promise<void> {
    const { health, sleeper, settings } = this.#parts
    for (let tries = 1; ; tries++) {
      const error = await ended
      if (!this.#isStopping) {
        health.trouble(error)
        await sleeper.sleep(backoffMs(tries, settings.retryBackoffMs, settings.maxBackoffMs))
      }
      if (this.#isStopping) return
      try {
        const joined = await this.#join()
        ended = joined.ended
        health.recovered()
        tries = 0
      } catch (again) {
        ended = Promise.resolve(kafkaError(again))
      }
    }
  }

  /** Resolves once it is a member, with how that will end. */
  async #join(): Promise<{ ended: Promise<FrontierError> }> {
    const { kafka, settings } = this.#parts
    const { from, group } = this.#options
    const consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: settings.sessionTimeoutMs,
      heartbeatInterval: Math.ceil(settings.sessionTimeoutMs / 10),
      maxWaitTimeInMs: FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      // Its own restarting cannot be stopped once it was begun.
      retry: { ...quickRetry(settings.addresses.length), restartOnFailure: async () => false },
    })
    this.#consumer = consumer
    const crashed = new Promise<FrontierError>((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => resolve(kafkaError(payload.error, { about: `consuming ${from}` })))
    })
    const joined = new Promise<undefined>((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve(undefined))
    })
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [from], fromBeginning: settings.fromBeginning })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        eachBatch: (payload) => this.#deliver(payload),
      })
      const error = await Promise.race([joined, crashed])
      if (error !== undefined) throw error
      if (this.#isStopping) throw new FrontierError('BRIDGE_UNAVAILABLE', 'kafka: closed')
      return { ended: crashed }
    } catch (error) {
      await consumer.disconnect().catch(() => undefined)
      throw kafkaError(error, { about: `consuming ${from}` })
    }
  }

  async #deliver(payload: EachBatchPayload): Promise<void> {
    const delivery = new BatchDelivery(payload, { ...this.#options, slots: this.#slots, sleeper: this.#parts.sleeper })
    if (this.#isStopping) return
    this.#deliveries.add(delivery)
    try {
      await delivery.run()
    } finally {
      this.#deliveries.delete(delivery)
    }
  }
}
