import type { BrokerSession, ConsumeOptions, PendingMessage, SessionEvents } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { Admin, Kafka } from 'kafkajs'

import { BatchSender } from './batch-sender.js'
import { dialTimeoutMs, kafkaClient, quickRetry } from './kafka-client.js'
import { KafkaConsumer } from './kafka-consumer.js'
import { kafkaError } from './kafka-errors.js'
import type { KafkaSettings } from './kafka-settings.js'
import type { LaneBatch, LaneHost, LaneOutcome, PartitionLane } from './partition-lane.js'
import { SessionHealth, type PartHealth } from './session-health.js'
import { backoffMs, Sleeper } from './sleeper.js'
import { TopicRoutes } from './topic-routes.js'
import { TopicTable } from './topic-table.js'
import { TrackedSockets } from './tracked-sockets.js'

/**
 * A client of Kafka that lives through outages instead of ending with its connections: only the producer that sent a batch first can send it again without storing
 * it twice. No event of kafkajs says that a broker is gone: failed sends, and the last socket that closed, say it here.
 */
export class KafkaSession implements BrokerSession, LaneHost {
  readonly maxMessages: number
  readonly maxBytes: number
  isOver = false
  readonly #settings: KafkaSettings
  readonly #kafka: Kafka
  readonly #admin: Admin
  readonly #sockets: TrackedSockets
  readonly #sleeper = new Sleeper()
  readonly #health: SessionHealth
  /** Of what publishes. */
  readonly #publishing: PartHealth
  readonly #table: TopicTable
  readonly #sender: BatchSender
  readonly #routes: TopicRoutes
  readonly #consumers = new Set<KafkaConsumer>()
  #isConnected = false
  #isProbing = false
  #onEmpty: (() => void) | undefined

  constructor(settings: KafkaSettings, compression: number, events: SessionEvents) {
    this.maxMessages = settings.batch.maxMessages
    this.maxBytes = settings.batch.maxBytes
    this.#settings = settings
    this.#sockets = new TrackedSockets(() => void this.#probe(), dialTimeoutMs(settings))
    this.#kafka = kafkaClient(settings, this.#sockets)
    this.#admin = this.#kafka.admin({ retry: quickRetry(settings.addresses.length) })
    this.#health = new SessionHealth(events)
    this.#publishing = this.#health.part()
    this.#table = new TopicTable(this.#admin, settings.createTopics, this.#sleeper)
    this.#routes = new TopicRoutes(this.#table, this, (topic) => this.#ask(topic))
    const parts = { kafka: this.#kafka, settings, compression, table: this.#table, health: this.#publishing, sleeper: this.#sleeper }
    this.#sender = new BatchSender(parts)
  }

  /** Connects. Rejects with a FrontierError, leaving nothing behind. */
  async connect(signal: AbortSignal): Promise<void> {
    let onAbort: (() => void) | undefined
    // kafkajs never settles a login with a broker of before 1.0 whose socket goes meanwhile.
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = () => {
        this.#sockets.destroy()
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', onAbort)
    })
    try {
      signal.throwIfAborted()
      await Promise.race([this.#sender.connect(), aborted])
      signal.throwIfAborted()
      this.#isConnected = true
    } catch (error) {
      await this.close(0)
      throw kafkaError(error)
    } finally {
      if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
    }
  }

  send(batch: readonly PendingMessage[]): void {
    this.#routes.take(batch)
  }

  async consume(options: ConsumeOptions): Promise<void> {
    const known = await this.#table.lookUp(options.from).catch((error: unknown) => kafkaError(error))
    if (known instanceof FrontierError) throw known
    const consumer = new KafkaConsumer({ kafka: this.#kafka, settings: this.#settings, health: this.#health.part(), sleeper: this.#sleeper }, options)
    this.#consumers.add(consumer)
    try {
      await consumer.start()
    } catch (error) {
      this.#consumers.delete(consumer)
      throw error
    }
  }

  async close(timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs
    const stopping = Promise.all(Array.from(this.#consumers, (consumer) => consumer.stop()))
    if (!this.#routes.isEmpty) await before(until, new Promise<void>((resolve) => (this.#onEmpty = resolve)))
    await before(until, stopping)
    for (const consumer of this.#consumers) consumer.abandon()
    this.isOver = true
    this.#health.end()
    this.#sleeper.wakeAll()
    const error = new FrontierError('BRIDGE_UNAVAILABLE', 'kafka: closed', { delivered: 'maybe' })
    for (const message of [...this.#sender.end(), ...this.#routes.takeAll()]) message.lost(error)
    await before(until, Promise.all([this.#sender.disconnect(), this.#admin.disconnect().catch(() => undefined)]))
    this.#sockets.destroy()
  }

  sendBatch(lane: PartitionLane, batch: LaneBatch): Promise<LaneOutcome> {
    return this.#sender.send(lane, batch)
  }

  onIdle(): void {
    if (this.#onEmpty !== undefined && this.#routes.isEmpty) this.#onEmpty()
    if (this.#publishing.isBad && this.#routes.isEmpty) void this.#probe()
  }

  async #ask(topic: string): Promise<void> {
    for (let tries = 1; !this.isOver; tries++) {
      try {
        await this.#table.lookUp(topic)
        this.#publishing.recovered()
        return
      } catch (error) {
        this.#publishing.trouble(kafkaError(error, { about: `topic ${topic}` }))
        await this.#sleeper.sleep(backoffMs(tries, this.#settings.retryBackoffMs, this.#settings.maxBackoffMs))
      }
    }
  }

  /** Finds out whether the brokers are there, when no message would. Brokers also close connections that were idle for long. */
  async #probe(): Promise<void> {
    if (this.#isProbing || !this.#isConnected) return
    this.#isProbing = true
    for (let tries = 1; !this.isOver && this.#routes.isEmpty; tries++) {
      try {
        await this.#admin.connect()
        this.#publishing.recovered()
        break
      } catch (error) {
        this.#publishing.trouble(kafkaError(error))
        await this.#sleeper.sleep(backoffMs(tries, this.#settings.retryBackoffMs, this.#settings.maxBackoffMs))
      }
    }
    this.#isProbing = false
  }
}

/** Waits for `promise`, but not longer than until `until`. */
async function before(until: number, promise: Promise<unknown>): Promise<void> {
  const ms = until - performance.now()
  if (ms <= 0) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)))
  await Promise.race([promise, late])
  clearTimeout(timer)
}
