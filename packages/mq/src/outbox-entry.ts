import { FrontierError, toFrontierError } from '@frontier/wire'
import type { OutgoingMessage, PendingMessage } from './broker-driver.js'

/** Hears of what becomes of what was sent. */
export interface OutboxEntryOwner {
  /** The broker has it, refused it, or nobody waits any more. */
  onOver(entry: OutboxEntry): void
  /** Its connection went, or the broker did not answer. */
  onLost(entry: OutboxEntry, error: FrontierError): void
  /** An attempt came to its end, however. */
  onAttemptOver(attempt: Attempt): void
}

/** A message that somebody waits for, from `publish` until the broker has it or an error is told. */
export class OutboxEntry {
  readonly message: OutgoingMessage
  /** Place in the order of publishes. */
  readonly order: number
  /** On the clock of performance.now(): when its edge is told that the broker is away. */
  readonly answerBy: number
  readonly bytes: number
  /** It was sent at least once: the broker may have it. */
  wasSent = false
  isOver = false
  readonly isAbandoned: () => boolean
  readonly #owner: OutboxEntryOwner
  #settle!: (error: FrontierError | undefined) => void
  readonly settled: Promise<void>

  constructor(owner: OutboxEntryOwner, fields: { message: OutgoingMessage; order: number; answerBy: number; isAbandoned: () => boolean }) {
    this.#owner = owner
    this.message = fields.message
    this.order = fields.order
    this.answerBy = fields.answerBy
    this.isAbandoned = fields.isAbandoned
    this.bytes = fields.message.data.length + fields.message.target.length + 256
    this.settled = new Promise((resolve, reject) => {
      this.#settle = (error) => {
        if (error === undefined) resolve()
        else reject(error)
      }
    })
  }

  /** The broker has it, or with an error: its edge is told. The first time counts. */
  finish(error: FrontierError | undefined): void {
    if (this.isOver) return
    this.isOver = true
    this.#settle(error)
    this.#owner.onOver(this)
  }

  /** It has to be sent again. */
  onLost(error: FrontierError): void {
    if (!this.isOver) this.#owner.onLost(this, error)
  }
}

/** One try to send a message: what a session is given. What it says after the try is over does not count, but for `done`, which stays true. */
export class Attempt implements PendingMessage {
  readonly target: string
  readonly key: string
  readonly partition: number | undefined
  readonly headers: Readonly<Record<string, string | Uint8Array>>
  readonly data: Uint8Array
  readonly id: string
  readonly entry: OutboxEntry
  readonly sentAt: number
  readonly batch: Batch
  #isOver = false
  readonly #owner: OutboxEntryOwner

  constructor(entry: OutboxEntry, batch: Batch, owner: OutboxEntryOwner) {
    const { target, key, partition, headers, data, id } = entry.message
    this.target = target
    this.key = key
    this.partition = partition
    this.headers = headers
    this.data = data
    this.id = id
    this.entry = entry
    this.batch = batch
    this.sentAt = performance.now()
    this.#owner = owner
  }

  done(): void {
    this.entry.finish(undefined)
    this.#end()
  }

  refuse(error: FrontierError): void {
    if (!this.#isOver) this.entry.finish(toFrontierError(error, 'BRIDGE_UNAVAILABLE'))
    this.#end()
  }

  lost(error: FrontierError): void {
    if (!this.#isOver) this.entry.onLost(toFrontierError(error, 'BRIDGE_UNAVAILABLE'))
    this.#end()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#owner.onAttemptOver(this)
  }
}

/** Messages that went to a session together. */
export interface Batch {
  readonly attempts: Set<Attempt>
}

/** What an edge is told when the broker is away. */
export function unavailable(reason: string, wasSent: boolean, cause?: unknown): FrontierError {
  return new FrontierError('BRIDGE_UNAVAILABLE', reason, { delivered: wasSent ? 'maybe' : 'no', cause })
}
