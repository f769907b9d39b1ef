import type { FrontierError } from '@frontier/wire'
import { ReceivedContent } from './content.js'
import { handlerFailure } from './failure.js'
import type { InboundRequest } from './inbound-request.js'
import type { LinkedQueue, Queued } from './linked-queue.js'
import type { Message } from './message.js'
import { OwedAnswer, type OwedAnswerOwner } from './owed-answer.js'

/** What a record costs beside the bytes of its message, roughly. */
const RECORD_BYTES = 512

/** Hears of what becomes of a message. */
export interface ReceivedMessageOwner extends OwedAnswerOwner {
  /** The consumer settled it, for the first time. */
  onMessageSettled(message: ReceivedMessage, error: FrontierError | undefined): void
  /** Nobody waits for it any more. */
  onMessageAbandoned(message: ReceivedMessage): void
}

/** What a consumer is given. */
class ConsumedMessage extends ReceivedContent implements Message {
  readonly topic: string
  readonly edgeId: bigint
  readonly #record: ReceivedMessage

  constructor(record: ReceivedMessage, inbound: InboundRequest, edgeId: bigint) {
    super(inbound.data, inbound.meta)
    this.topic = inbound.name
    this.edgeId = edgeId
    this.#record = record
  }

  done(): void {
    this.#record.settle(undefined)
  }

  fail(reason: string | Error): void {
    this.#record.settle(handlerFailure(reason))
  }
}

/** One message of the other side from its arrival until it is settled. */
export class ReceivedMessage extends OwedAnswer implements Queued<ReceivedMessage> {
  /** What the consumer gets. */
  readonly message: Message
  /** What it holds of the budget while it waits. */
  readonly bytes: number
  /** Place in the order of arrival. */
  order = 0
  override hasBegun = false
  queue: LinkedQueue<ReceivedMessage> | undefined = undefined
  queuePrevious: ReceivedMessage | undefined = undefined
  queueNext: ReceivedMessage | undefined = undefined
  readonly #messageOwner: ReceivedMessageOwner

  constructor(inbound: InboundRequest, edgeId: bigint, owner: ReceivedMessageOwner) {
    super(inbound, owner)
    this.bytes = inbound.data.length + inbound.meta.length + RECORD_BYTES
    this.message = new ConsumedMessage(this, inbound, edgeId)
    this.#messageOwner = owner
  }

  /** Tells the publisher; only the first time, and only while it waits. */
  settle(error: FrontierError | undefined): void {
    if (this.isOver) return
    this.isOver = true
    this.#messageOwner.onMessageSettled(this, error)
  }

  override abandon(_error: FrontierError): void {
    this.isOver = true
    this.#messageOwner.onMessageAbandoned(this)
  }
}
