import type { PendingMessage } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import { createInbox, type ApiError, type JetStreamManager, type Msg, type NatsConnection, type NatsError } from 'nats'

import { DeniedSubjects } from './denied-subjects.js'
import { admitted, type MessageSender } from './message-sender.js'
import { apiErrorCode, natsError } from './nats-errors.js'
import { headersIn } from './nats-headers.js'

const CHECK_MS = 250
const NO_RESPONDERS = 503

interface Waiting {
  readonly message: PendingMessage
  readonly sentAt: number
}

/** What a stream answers. */
interface PubAck {
  readonly stream?: string
  readonly seq?: number
  readonly error?: ApiError
}

/** What a {@link JetStreamSender} needs. */
export interface JetStreamSenderParts {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  readonly publishTimeoutMs: number
  /** The stream did not answer, or cannot now. Only a new connection keeps the order of what is sent again. */
  onUnanswered(error: FrontierError): void
}

/**
 * JetStream: a message is settled by its PubAck. The answers come to one inbox, without the library's publish(), which has a timer and several promises for each
 * message: 50,000 messages/s instead of 14,000. docs/performance.md
 */
export class JetStreamSender implements MessageSender {
  readonly #parts: JetStreamSenderParts
  readonly #denied = new DeniedSubjects()
  readonly #waiting = new Map<string, Waiting>()
  readonly #inbox = `${createInbox()}.`
  readonly #checking: NodeJS.Timeout
  #number = 0
  #failure: FrontierError | undefined
  #onIdle: (() => void) | undefined

  constructor(parts: JetStreamSenderParts) {
    this.#parts = parts
    parts.connection.subscribe(`${this.#inbox}*`, { callback: (error, answer) => this.#onAnswer(error, answer) })
    this.#checking = setInterval(() => this.#checkTimes(), CHECK_MS)
  }

  send(batch: readonly PendingMessage[]): void {
    for (const message of batch) this.#publish(message)
  }

  onDenied(subject: string): void {
    this.#denied.add(subject)
    for (const [token, { message }] of this.#waiting) {
      if (message.target === subject) this.#take(token)?.message.refuse(this.#denied.refusal(subject)!)
    }
  }

  whenIdle(): Promise<void> {
    return this.#waiting.size === 0 ? Promise.resolve() : new Promise((resolve) => (this.#onIdle = resolve))
  }

  fail(error: FrontierError): void {
    this.#failure = error
    clearInterval(this.#checking)
    for (const { message } of this.#waiting.values()) message.lost(error)
    this.#waiting.clear()
    this.#onIdle?.()
  }

  #publish(message: PendingMessage): void {
    if (this.#failure !== undefined) {
      message.lost(this.#failure)
      return
    }
    const { connection } = this.#parts
    const headers = admitted(message, connection, this.#denied)
    if (headers === undefined) return
    const token = (this.#number++).toString(36)
    this.#waiting.set(token, { message, sentAt: performance.now() })
    try {
      connection.publish(message.target, message.data, { headers, reply: this.#inbox + token })
    } catch (error) {
      this.#take(token)?.message.lost(natsError(error))
    }
  }

  #onAnswer(error: NatsError | null, answer: Msg): void {
    if (error !== null) {
      // We may not listen there: no message would ever be answered.
      this.#parts.onUnanswered(natsError(error, 'acknowledgements'))
      return
    }
    const token = answer.subject.slice(this.#inbox.length)
    if (answer.data.length === 0 && headersIn(answer)?.code === NO_RESPONDERS) {
      void this.#onNobody(token)
      return
    }
    const ack = parseAck(answer.data)
    if (ack.error === undefined) {
      // A duplicate is as good: the stream has it.
      if (ack.stream !== undefined && ack.seq !== undefined) this.#take(token)?.message.done()
      return
    }
    const { description } = ack.error
    const code = apiErrorCode(ack.error)
    if (code === undefined) this.#parts.onUnanswered(new FrontierError('BRIDGE_UNAVAILABLE', `nats: ${description}`))
    else this.#take(token)?.message.refuse(new FrontierError(code, `nats: ${description}`))
  }

  /** Nobody listens at the subject: no stream takes it, or JetStream is not there at the moment. */
  async #onNobody(token: string): Promise<void> {
    const message = this.#waiting.get(token)?.message
    if (message === undefined) return
    const stream = await this.#parts.manager.streams.find(message.target).catch((error: unknown) => natsError(error))
    const isMissing = stream instanceof FrontierError && (stream.code === 'RECORD_NOT_FOUND' || stream.reason.includes('no stream matches subject'))
    if (isMissing) this.#take(token)?.message.refuse(new FrontierError('RECORD_NOT_FOUND', `nats: no stream takes ${message.target}`))
    else this.#parts.onUnanswered(new FrontierError('BRIDGE_UNAVAILABLE', 'nats: JetStream does not answer'))
  }

  /** Messages are asked about in the order in which they were sent. */
  #checkTimes(): void {
    const [oldest] = this.#waiting.values()
    if (oldest === undefined || performance.now() - oldest.sentAt < this.#parts.publishTimeoutMs) return
    this.#parts.onUnanswered(new FrontierError('BRIDGE_UNAVAILABLE', `nats: no acknowledgement within ${this.#parts.publishTimeoutMs} ms`, { delivered: 'maybe' }))
  }

  #take(token: string): Waiting | undefined {
    const waiting = this.#waiting.get(token)
    this.#waiting.delete(token)
    if (this.#waiting.size === 0) queueMicrotask(() => this.#waiting.size === 0 && this.#onIdle?.())
    return waiting
  }
}

function parseAck(data: Uint8Array): PubAck {
  try {
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.length).toString()) as PubAck
  } catch {
    return {}
  }
}
