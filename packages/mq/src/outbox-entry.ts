import { FrontierError, toFrontierError } from '@frontier/wire'
import type { OutgoingMessage, PendingMessage } from './broker-driver.js'

/** Who waits for a message. Exactly one of its methods is called, once. */
export interface Waiter {
  /** Nobody waits any more. */
  readonly isAbandoned: boolean
  done(): void
  fail(error: FrontierError): void
}

/** Hears of what becomes of what was sent. */
export interface OutboxEntryOwner {
  /** The broker has it, refused it, or nobody waits any more. */
  onOver(entry: OutboxEntry): void
  /** Its connection went, or the broker did not answer. */
  onLost(entry: OutboxEntry, error: FrontierError): void
  /** Every try of a batch came to its end, however. */
  onBatchOver(batch: Batch): void
}

/** Messages that went to a session together. */
export interface Batch {
  readonly tries: Try[]
  /** Of them, those that have not come to their end. */
  unsettled: number
  /** On the clock of performance.now(). */
  readonly sentAt: number
}

/** One try to send a message. What is said after it is over does not count, but for `done`, which stays true. */
abstract class Attempt {
  batch: Batch | undefined = undefined
  isTryOver = false

  protected abstract get entry(): OutboxEntry

  done(): void {
    this.entry.finish(undefined)
    this.#end()
  }

  refuse(error: FrontierError): void {
    if (!this.isTryOver) this.entry.finish(toFrontierError(error, 'BRIDGE_UNAVAILABLE'))
    this.#end()
  }

  lost(error: FrontierError): void {
    if (!this.isTryOver) this.entry.onLost(toFrontierError(error, 'BRIDGE_UNAVAILABLE'))
    this.#end()
  }

  #end(): void {
    if (this.isTryOver) return
    this.isTryOver = true
    const { batch, entry } = this
    if (batch !== undefined && --batch.unsettled === 0) entry.owner.onBatchOver(batch)
  }
}

/** What a session is given, and what the outbox knows of it. */
export interface Try extends PendingMessage {
  batch: Batch | undefined
  readonly isTryOver: boolean
  readonly entry: OutboxEntry
}

/** What an {@link OutboxEntry} is made of: a message without its id, and who waits for it. */
export interface OutboxEntryFields extends Omit<OutgoingMessage, 'id'> {
  /** Its id: text that all ids of the bridge begin with, and a number. */
  readonly idPrefix: string
  readonly number: number
  /** On the clock of performance.now(): when its edge is told that the broker is away. */
  readonly answerBy: number
  readonly waiter: Waiter
}

/**
 * A message that somebody waits for, from `publish` until the broker has it or an error is told. It is also what a session is given for the first try: 65,536 of them
 * may wait, and with objects of their own for the message, the try and its promise each took 2.2 KB of the gateway's memory instead of 0.8 (docs/performance.md).
 */
export class OutboxEntry extends Attempt implements Try {
  readonly target: string
  readonly key: string
  readonly partition: number | undefined
  readonly headers: Readonly<Record<string, string | Uint8Array>>
  readonly data: Uint8Array
  /** Place in the order of publishes, given by the outbox. */
  order = 0
  readonly answerBy: number
  /** It was sent at least once: the broker may have it. */
  wasSent = false
  isOver = false
  readonly waiter: Waiter
  readonly owner: OutboxEntryOwner
  readonly #idPrefix: string
  readonly #number: number

  constructor(owner: OutboxEntryOwner, fields: OutboxEntryFields) {
    super()
    this.target = fields.target
    this.key = fields.key
    this.partition = fields.partition
    this.headers = fields.headers
    this.data = fields.data
    this.answerBy = fields.answerBy
    this.waiter = fields.waiter
    this.owner = owner
    this.#idPrefix = fields.idPrefix
    this.#number = fields.number
  }

  get id(): string {
    return this.#idPrefix + this.#number.toString(36)
  }

  get entry(): this {
    return this
  }

  /** What it counts for in a batch, roughly. */
  get bytes(): number {
    return this.data.length + this.target.length + 256
  }

  /** The first try, or another one. */
  nextTry(): Try {
    return this.wasSent ? new Repeat(this) : this
  }

  /** The broker has it, or with an error: its edge is told. The first time counts. */
  finish(error: FrontierError | undefined): void {
    if (this.isOver) return
    this.isOver = true
    if (error === undefined) this.waiter.done()
    else this.waiter.fail(error)
    this.owner.onOver(this)
  }

  /** It has to be sent again. */
  onLost(error: FrontierError): void {
    if (!this.isOver) this.owner.onLost(this, error)
  }
}

/** A try after the first. */
class Repeat extends Attempt implements Try {
  readonly entry: OutboxEntry
  readonly target: string
  readonly key: string
  readonly partition: number | undefined
  readonly headers: Readonly<Record<string, string | Uint8Array>>
  readonly data: Uint8Array
  readonly id: string

  constructor(entry: OutboxEntry) {
    super()
    this.entry = entry
    this.target = entry.target
    this.key = entry.key
    this.partition = entry.partition
    this.headers = entry.headers
    this.data = entry.data
    this.id = entry.id
  }
}

/** What an edge is told when the broker is away. */
export function unavailable(reason: string, wasSent: boolean, cause?: unknown): FrontierError {
  return new FrontierError('BRIDGE_UNAVAILABLE', reason, { delivered: wasSent ? 'maybe' : 'no', cause })
}

/** The same for many: an error knows where it was made, which takes 11 us, and 65,536 messages may fail at once (docs/performance.md). */
export class Unavailable {
  readonly #reason: string
  #unsent: FrontierError | undefined = undefined
  #sent: FrontierError | undefined = undefined

  constructor(reason: string) {
    this.#reason = reason
  }

  of({ wasSent }: OutboxEntry): FrontierError {
    return wasSent ? (this.#sent ??= unavailable(this.#reason, true)) : (this.#unsent ??= unavailable(this.#reason, false))
  }
}
