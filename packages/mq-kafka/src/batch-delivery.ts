import type { IncomingMessage } from '@frontier/mq'
import type { EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs'

import { SettledPrefix } from './settled-prefix.js'
import { backoffMs, type Sleeper } from './sleeper.js'

const TICK_MS = 250
/** How long messages that were handed out are waited for when the partition goes to another member: until then nobody else gets them. */
const LAST_WAIT_MS = 5_000
const FIRST_RETRY_MS = 250
const MAX_RETRY_MS = 5_000

/** Room for messages that may be unsettled at once, of all partitions. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Resolves when there is room. */
  take(): Promise<void> {
    if (this.#free > 0) {
      this.#free--
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}

/** What a {@link BatchDelivery} works with. */
export interface BatchDeliveryParts {
  readonly slots: Slots
  readonly sleeper: Sleeper
  onMessage(message: IncomingMessage): void
}

/**
 * Hands out the messages that kafkajs fetched from one partition, and commits as far as they are settled without a gap. Kafka cannot be told to send one message
 * again: what is to be tried again is kept here and handed out again, and its offset is not committed meanwhile.
 */
export class BatchDelivery {
  readonly #payload: EachBatchPayload
  readonly #parts: BatchDeliveryParts
  readonly #settled = new SettledPrefix()
  #unsettled = 0
  /** Nothing is handed out any more: because all was, or because it ends before. */
  #isHandedOut = false
  #isEnding = false
  /** The partition may be somebody else's. */
  #isOver = false
  #isTicking = false
  #failure: unknown
  #resolve: (() => void) | undefined
  #ticking: NodeJS.Timeout | undefined
  #lastWait: NodeJS.Timeout | undefined

  constructor(payload: EachBatchPayload, parts: BatchDeliveryParts) {
    this.#payload = payload
    this.#parts = parts
  }

  /** Resolves when all is settled, or as much as will be. Rejects with what ended the membership. */
  async run(): Promise<void> {
    const { messages } = this.#payload.batch
    this.#ticking = setInterval(() => void this.#tick(), TICK_MS)
    try {
      const whenOver = new Promise<void>((resolve) => (this.#resolve = resolve))
      void this.#handOutAll(messages)
      await whenOver
      await this.#commit()
    } finally {
      clearInterval(this.#ticking)
      clearTimeout(this.#lastWait)
      this.#isEnding = true
      this.#isOver = true
    }
    if (this.#failure !== undefined) throw this.#failure as Error
  }

  /** Hands out nothing more. */
  finish(): void {
    this.#isEnding = true
    this.#check()
  }

  /** Waits for nothing any more. */
  abandon(): void {
    this.#isEnding = true
    this.#resolve?.()
  }

  async #handOutAll(messages: readonly KafkaMessage[]): Promise<void> {
    for (const [index, message] of messages.entries()) {
      await this.#parts.slots.take()
      if (this.#isEnding || this.#payload.isStale()) {
        this.#parts.slots.give()
        break
      }
      this.#unsettled++
      this.#handOut(index, message, 1)
    }
    this.#isHandedOut = true
    this.#check()
  }

  #handOut(index: number, message: KafkaMessage, tries: number): void {
    let isSettled = false
    const once = (settle: () => void) => (): void => {
      if (isSettled) return
      isSettled = true
      settle()
    }
    this.#parts.onMessage({
      source: this.#payload.batch.topic,
      key: message.key?.toString() ?? '',
      headers: headersOf(message.headers),
      data: message.value ?? new Uint8Array(0),
      ack: once(() => this.#ack(index, message)),
      retry: once(() => void this.#retry(index, message, tries)),
    })
  }

  #ack(index: number, message: KafkaMessage): void {
    // Once it is over kafkajs throws for a partition that it lost, and goes back behind what was settled since for one that it has again.
    if (this.#settled.add(index) && !this.#isOver) {
      const last = this.#payload.batch.messages[this.#settled.length - 1] ?? message
      this.#payload.resolveOffset(last.offset)
    }
    this.#settle()
  }

  async #retry(index: number, message: KafkaMessage, tries: number): Promise<void> {
    if (!this.#isEnding) await this.#parts.sleeper.sleep(backoffMs(tries, FIRST_RETRY_MS, MAX_RETRY_MS))
    if (this.#isEnding) this.#settle()
    else this.#handOut(index, message, tries + 1)
  }

  #settle(): void {
    this.#unsettled--
    this.#parts.slots.give()
    this.#check()
  }

  #check(): void {
    if ((this.#isHandedOut || this.#isEnding) && this.#unsettled === 0) this.#resolve?.()
  }

  async #tick(): Promise<void> {
    if (this.#failure !== undefined || this.#isTicking) return
    this.#isTicking = true
    try {
      if (!this.#payload.isRunning()) throw new Error('the consumer was stopped')
      await this.#payload.heartbeat()
      await this.#commit()
    } catch (error) {
      this.#failure ??= error
      this.#lastWait ??= setTimeout(() => this.abandon(), LAST_WAIT_MS)
      this.finish()
    } finally {
      this.#isTicking = false
    }
  }

  async #commit(): Promise<void> {
    const offsets = this.#payload.uncommittedOffsets()
    if (offsets.topics.length > 0) await this.#payload.commitOffsetsIfNecessary(offsets)
  }
}

function headersOf(headers: IHeaders = {}): Record<string, string | Uint8Array> {
  const own: Record<string, string | Uint8Array> = {}
  for (const [name, value] of Object.entries(headers)) {
    // A name may come several times in Kafka, and without a value: then it is null, whatever the types say.
    const first = (Array.isArray(value) ? value[0] : value) as string | Buffer | null | undefined
    if (first !== undefined && first !== null) own[name.toLowerCase()] = first
  }
  return own
}
