import { FrontierError } from '@frontier/wire'
import type { Admin } from 'kafkajs'

import { kafkaError, kafkaErrorType } from './kafka-errors.js'
import type { Sleeper } from './sleeper.js'

/** How long what is known of a topic holds: partitions may be added. */
const KNOWN_MS = 300_000
const MISSING_MS = 1_000
/** Names are the edges' choice: errors that are remembered have to have an end. */
const MAX_ERRORS = 1_000
const CREATE_TRIES = 50
const CREATE_WAIT_MS = 100

interface Entry {
  readonly partitions: number | FrontierError
  readonly until: number
}

/**
 * Which topics there are, and how many partitions they have. kafkajs asks for all topics of a producer in one request and fails them all when one is missing,
 * and drops messages for partitions that it does not know without a word: so it is only given topics and partitions that are known to exist.
 */
export class TopicTable {
  readonly #entries = new Map<string, Entry>()
  readonly #admin: Admin
  readonly #createTopics: boolean
  readonly #sleeper: Sleeper
  #errors = 0

  constructor(admin: Admin, createTopics: boolean, sleeper: Sleeper) {
    this.#admin = admin
    this.#createTopics = createTopics
    this.#sleeper = sleeper
  }

  /** Partitions of `topic`, or why it cannot be used; undefined = {@link lookUp} knows. */
  get(topic: string): number | FrontierError | undefined {
    const entry = this.#entries.get(topic)
    return entry === undefined || performance.now() > entry.until ? undefined : entry.partitions
  }

  /** Asks the brokers. Rejects when they cannot be asked, or do not know yet. */
  async lookUp(topic: string): Promise<number | FrontierError> {
    const partitions = await this.#partitionsOf(topic)
    const isError = partitions instanceof FrontierError
    if (isError && this.#errors++ >= MAX_ERRORS) this.#forgetErrors()
    this.#entries.set(topic, { partitions, until: performance.now() + (isError ? MISSING_MS : KNOWN_MS) })
    return partitions
  }

  async #partitionsOf(topic: string): Promise<number | FrontierError> {
    try {
      return await this.#askPartitions(topic)
    } catch (error) {
      const type = kafkaErrorType(error)
      if (type === 'UNKNOWN_TOPIC_OR_PARTITION' && this.#createTopics) return this.#create(topic)
      if (type !== 'UNKNOWN_TOPIC_OR_PARTITION' && type !== 'TOPIC_AUTHORIZATION_FAILED' && type !== 'INVALID_TOPIC_EXCEPTION') throw error
      return kafkaError(error, { about: `topic ${topic}` })
    }
  }

  async #create(topic: string): Promise<number | FrontierError> {
    try {
      // Waiting for leaders fails on several brokers while they tell each other of the topic.
      await this.#admin.createTopics({ topics: [{ topic }], waitForLeaders: false })
    } catch (error) {
      const refusal = kafkaError(error, { about: `creating topic ${topic}` })
      if (refusal.code === 'BRIDGE_UNAVAILABLE') throw error
      return refusal
    }
    for (let tries = 1; ; tries++) {
      try {
        return await this.#askPartitions(topic)
      } catch (error) {
        if (kafkaErrorType(error) !== 'UNKNOWN_TOPIC_OR_PARTITION' || tries === CREATE_TRIES) throw error
        await this.#sleeper.sleep(CREATE_WAIT_MS)
      }
    }
  }

  async #askPartitions(topic: string): Promise<number> {
    await this.#admin.connect()
    // One by one: a single missing topic would fail the others too.
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
    const found = topics.find(({ name }) => name === topic)
    if (found === undefined || found.partitions.length === 0) throw new Error(`no answer about topic ${topic}`)
    return found.partitions.length
  }

  #forgetErrors(): void {
    for (const [topic, { partitions }] of this.#entries) if (partitions instanceof FrontierError) this.#entries.delete(topic)
    this.#errors = 0
  }
}
