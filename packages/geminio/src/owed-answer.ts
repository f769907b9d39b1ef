import type { FrontierError } from '@frontier/wire'
import { DeadlineEntry } from './deadline-wheel.js'
import type { OutgoingBody } from './outgoing-body.js'

/** Hears of the deadline of what is owed. */
export interface OwedAnswerOwner {
  onOwedDeadline(owed: OwedAnswer): void
}

/** What is known of a request that is to be answered. */
export interface OwedAnswerFields {
  readonly type: number
  readonly id: number
  readonly peer: bigint
  readonly deadline: number
  readonly isAcked: boolean
}

/** A request of the other side from its arrival until it is answered. */
export abstract class OwedAnswer extends DeadlineEntry {
  readonly type: number
  readonly id: number
  /** The edge it is about; 0n = none named. */
  readonly peer: bigint
  /** False for at-most-once messages, which nothing answers. */
  readonly isAcked: boolean
  /** Nothing is to be sent about it any more: it was answered, or nobody waits. */
  isOver = false
  /** The answer on its way out, when it does not fit one frame. */
  body: OutgoingBody | undefined = undefined
  readonly #owner: OwedAnswerOwner

  constructor(fields: OwedAnswerFields, owner: OwedAnswerOwner) {
    super()
    this.type = fields.type
    this.id = fields.id
    this.peer = fields.peer
    this.isAcked = fields.isAcked
    this.deadline = fields.deadline
    this.#owner = owner
  }

  /** A handler or consumer got it. */
  abstract readonly hasBegun: boolean

  /** Nobody waits for the answer any more, because of `error`. */
  abstract abandon(error: FrontierError): void

  override onDeadline(): void {
    this.#owner.onOwedDeadline(this)
  }
}
