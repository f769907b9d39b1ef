import type { PendingMessage } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { Kafka } from 'kafkajs'

import { kafkaError, verdictOn } from './kafka-errors.js'
import { KafkaProducer, UnknownPartition } from './kafka-producer.js'
import type { KafkaSettings } from './kafka-settings.js'
import { halvesOf, type LaneBatch, type LaneOutcome, type PartitionLane } from './partition-lane.js'
import type { PartHealth } from './session-health.js'
import { backoffMs, type Sleeper } from './sleeper.js'
import type { TopicTable } from './topic-table.js'

/** Tries of a batch once a new producer is wanted: with the old one it may never end. */
const MAX_TRIES_IN_RENEWAL = 3

/** A batch, and how it went so far. */
interface Trying {
  readonly lane: PartitionLane
  readonly batch: LaneBatch
  tries: number
  triesInRenewal: number
}

/** What a {@link BatchSender} works with. */
export interface BatchSenderParts {
  readonly kafka: Kafka
  readonly settings: KafkaSettings
  readonly compression: number
  readonly table: TopicTable
  readonly health: PartHealth
  readonly sleeper: Sleeper
}

/**
 * Sends a batch until the brokers have it: through an outage it is sent again with the numbers that it had, so it is stored once. A batch that is given up in
 * doubt ends its producer, because the next one under the same numbers would be acknowledged without being stored.
 */
export class BatchSender {
  readonly #parts: BatchSenderParts
  /** What is not settled, and how much of it was begun. */
  readonly #held = new Set<LaneBatch>()
  #begun = 0
  #producer: KafkaProducer
  #renewal: Promise<void> | undefined
  #onQuiet: (() => void) | undefined
  #isOver = false

  constructor(parts: BatchSenderParts) {
    this.#parts = parts
    this.#producer = this.#newProducer()
  }

  /** Connects the first producer. */
  connect(): Promise<void> {
    return this.#producer.connect()
  }

  /** Settles every message of `batch`, or gives back what is to be sent instead. Never rejects. */
  async send(lane: PartitionLane, batch: LaneBatch): Promise<LaneOutcome> {
    this.#held.add(batch)
    if (this.#producer.isWornOut) this.#renew()
    while (this.#renewal !== undefined) await this.#renewal
    this.#begun++
    const outcome = this.#isOver ? [] : await this.#settle(lane, batch)
    this.#begun--
    this.#held.delete(batch)
    if (this.#begun === 0) this.#onQuiet?.()
    return outcome
  }

  /** Begins nothing any more, and gives what is not settled. */
  end(): PendingMessage[] {
    this.#isOver = true
    this.#onQuiet?.()
    return [...this.#held].flatMap(({ messages }) => messages)
  }

  /** Lets go of the connections; may take as long as an answer may. Never rejects. */
  disconnect(): Promise<void> {
    return this.#producer.disconnect()
  }

  async #settle(lane: PartitionLane, batch: LaneBatch): Promise<LaneOutcome> {
    const { table, settings, health, sleeper } = this.#parts
    const gone = table.get(lane.topic)
    if (gone instanceof FrontierError) return refuse(batch, gone)
    const trying: Trying = { lane, batch, tries: 1, triesInRenewal: 0 }
    for (; !this.#isOver; trying.tries++) {
      try {
        await this.#producer.send(lane.topic, lane.partition, batch.records)
        health.recovered()
        return done(batch)
      } catch (error) {
        const outcome = await this.#judge(trying, error)
        if (outcome !== undefined) return outcome
        health.trouble(kafkaError(error, { about: aboutLane(lane) }))
        await sleeper.sleep(backoffMs(trying.tries, settings.retryBackoffMs, settings.maxBackoffMs))
      }
    }
    return []
  }

  /** What becomes of a batch after `error`; undefined = the same again, later. */
  async #judge(trying: Trying, error: unknown): Promise<LaneOutcome | undefined> {
    const { table, settings, sleeper } = this.#parts
    const { lane, batch, tries } = trying
    const about = aboutLane(lane)
    if (this.#isOver) return []
    if (error instanceof UnknownPartition) {
      this.#renew()
      await sleeper.sleep(settings.retryBackoffMs)
      return [batch]
    }
    const verdict = verdictOn(error)
    if (verdict === 'stored' && tries > 1) return done(batch)
    if (verdict === 'split' && batch.messages.length > 1) return halvesOf(batch)
    if (verdict === 'split' || verdict === 'refuse') return refuse(batch, kafkaError(error, tries > 1 ? { about, delivered: 'maybe' } : { about }))
    if (verdict === 'topic') {
      const missing = await table.lookUp(lane.topic).catch(() => undefined)
      if (missing instanceof FrontierError) {
        // It was deleted. The producer would go on asking for it, and get no answer about any other.
        this.#renew()
        return refuse(batch, missing)
      }
    }
    const isHopeless = verdict === 'fenced' || verdict === 'stored' || tries > settings.maxRetries
    if (!isHopeless && (this.#renewal === undefined || ++trying.triesInRenewal < MAX_TRIES_IN_RENEWAL)) return undefined
    if (settings.idempotent) this.#renew()
    return lose(batch, kafkaError(error, { about, delivered: 'maybe' }))
  }

  #newProducer(): KafkaProducer {
    const { kafka, settings, compression } = this.#parts
    return new KafkaProducer(kafka, settings, compression)
  }

  /** Replaces the producer, when everything that is under way with it has ended; nothing begins until then. */
  #renew(): void {
    if (this.#renewal !== undefined || this.#isOver) return
    this.#renewal = this.#replaceProducer().finally(() => (this.#renewal = undefined))
  }

  async #replaceProducer(): Promise<void> {
    const { health, sleeper, settings } = this.#parts
    if (this.#begun > 0) await new Promise<void>((resolve) => (this.#onQuiet = resolve))
    this.#onQuiet = undefined
    void this.#producer.disconnect()
    for (let tries = 1; !this.#isOver; tries++) {
      const producer = this.#newProducer()
      try {
        await producer.connect()
        this.#producer = producer
        return
      } catch (error) {
        void producer.disconnect()
        health.trouble(kafkaError(error))
        await sleeper.sleep(backoffMs(tries, settings.retryBackoffMs, settings.maxBackoffMs))
      }
    }
  }
}

function aboutLane({ topic, partition }: PartitionLane): string {
  return `topic ${topic}, partition ${partition}`
}

function done({ messages }: LaneBatch): LaneOutcome {
  for (const message of messages) message.done()
  return []
}

function refuse({ messages }: LaneBatch, error: FrontierError): LaneOutcome {
  for (const message of messages) message.refuse(error)
  return []
}

function lose({ messages }: LaneBatch, error: FrontierError): LaneOutcome {
  for (const message of messages) message.lost(error)
  return []
}
