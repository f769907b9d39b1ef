import type { ConsumeOptions } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import { AckPolicy, createInbox, DeliverPolicy, millis, nanos, type ConsumerInfo, type JetStreamManager, type Msg, type MsgHdrs, type NatsConnection, type Subscription } from 'nats'

import { findStream } from './ensure-stream.js'
import { natsError } from './nats-errors.js'
import { headersIn, recordOf } from './nats-headers.js'

/** How long the server waits for news of a message before it sends it again; it gets news of those that edges are busy with. */
const ACK_WAIT_MS = 30_000
const WORKING_MS = 10_000
/** How long a request for messages stands; the server says that it is there in between. */
const PULL_MS = 30_000
const HEARTBEAT_MS = 5_000
const RETRY_DELAY_MS = 1_000
const NO_MESSAGES = 404
const PULL_OVER = 408
const CONFLICT = 409

const ACK = Buffer.from('+ACK')
const NAK = Buffer.from(`-NAK ${JSON.stringify({ delay: nanos(RETRY_DELAY_MS) })}`)
const WORKING = Buffer.from('+WPI')

/** What a {@link JetStreamConsumer} needs. */
export interface JetStreamConsumerParts {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  /** It is over: the consumer or its stream is gone, or its server does not answer. */
  onOver(error: FrontierError): void
}

/**
 * A durable pull consumer that asks for as many messages as may be unsettled. The library's own prints to the console when its connection closes, and asks for
 * more than were settled.
 */
export class JetStreamConsumer {
  readonly #parts: JetStreamConsumerParts
  readonly #options: ConsumeOptions
  readonly #pullSubject: string
  readonly #maxRequested: number
  readonly #pullMs: number
  readonly #workingMs: number
  readonly #inbox = createInbox()
  readonly #subscription: Subscription
  readonly #unsettled = new Set<string>()
  readonly #ticking: NodeJS.Timeout
  #requested = 0
  #heardAt = performance.now()
  #saidAt = performance.now()
  #isOver = false

  private constructor(parts: JetStreamConsumerParts, options: ConsumeOptions, { stream_name: stream, name, config }: ConsumerInfo) {
    this.#parts = parts
    this.#options = options
    this.#pullSubject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`
    // A durable that somebody else made may have bounds of its own; 0 or nothing = none.
    this.#maxRequested = positive(config.max_batch) ?? Infinity
    this.#pullMs = Math.min(PULL_MS, positive(millis(config.max_expires ?? 0)) ?? Infinity)
    this.#workingMs = Math.min(WORKING_MS, (positive(millis(config.ack_wait ?? 0)) ?? Infinity) / 3)
    this.#subscription = parts.connection.subscribe(this.#inbox, { callback: (error, message) => this.#onMessage(error, message) })
    this.#ticking = setInterval(() => this.#tick(), Math.min(1_000, this.#workingMs))
    this.#pull()
  }

  /**
   * Begins to consume `from`, a subject that a stream takes or the name of a stream.
   * @throws RECORD_NOT_FOUND when there is no such stream; INVALID_ARGUMENT when there is a durable of that name for another subject.
   */
  static async start(parts: JetStreamConsumerParts, options: ConsumeOptions): Promise<JetStreamConsumer> {
    const { manager } = parts
    const { from, group } = options
    try {
      const isStream = /^[^\s.*>/\\]+$/.test(from) && (await findStream(manager, from)) !== undefined
      const stream = isStream ? from : await manager.streams.find(from)
      const filter = isStream ? undefined : from
      const durable = durableOf(group, filter)
      const known = await ensureConsumer(manager, stream, durable, filter)
      return new JetStreamConsumer(parts, options, known)
    } catch (thrown) {
      const error = natsError(thrown, `consuming ${from}`)
      if (!error.reason.includes('no stream matches subject')) throw error
      throw new FrontierError('RECORD_NOT_FOUND', `nats: no stream takes ${from}`, { cause: thrown })
    }
  }

  /** Hands out nothing more; what is not settled goes back to the server. */
  stop(): void {
    this.#isOver = true
    clearInterval(this.#ticking)
    this.#subscription.unsubscribe()
    for (const reply of this.#unsettled) this.#publish(reply, NAK)
    this.#unsettled.clear()
  }

  #pull(): void {
    const { maxUnsettled } = this.#options
    const most = Math.min(maxUnsettled, this.#maxRequested)
    const room = Math.min(maxUnsettled - this.#unsettled.size, most) - this.#requested
    // A request for each message that was settled would be a message more on the wire for each.
    if (this.#isOver || room < Math.max(1, most >> 2)) return
    this.#requested += room
    // Servers want a heartbeat to be half of the time at most.
    const request = { batch: room, expires: nanos(this.#pullMs), idle_heartbeat: nanos(Math.min(HEARTBEAT_MS, Math.floor(this.#pullMs / 2))) }
    this.#publish(this.#pullSubject, Buffer.from(JSON.stringify(request)), this.#inbox)
  }

  #onMessage(error: Error | null, message: Msg): void {
    if (this.#isOver) return
    if (error !== null) {
      // We may not listen there: nothing would ever come.
      this.#end(natsError(error, `consuming ${this.#options.from}`))
      return
    }
    this.#heardAt = performance.now()
    const headers = headersIn(message)
    const code = headers?.code ?? 0
    if (code > 0 && (message.reply ?? '') === '') this.#onStatus(code, headers)
    else this.#handOut(message, headers)
  }

  #onStatus(code: number, headers: MsgHdrs | undefined): void {
    const description = headers?.description ?? ''
    const pending = Number(headers?.get('Nats-Pending-Messages') ?? '')
    if (code === NO_MESSAGES || code === PULL_OVER || code === CONFLICT) this.#requested = Math.max(0, this.#requested - (pending > 0 ? pending : this.#requested))
    if (code === CONFLICT && /deleted/i.test(description)) this.#end(new FrontierError('BRIDGE_UNAVAILABLE', `nats: consuming ${this.#options.from}: ${description}`))
    else if (code === 503) this.#end(new FrontierError('BRIDGE_UNAVAILABLE', `nats: consuming ${this.#options.from}: JetStream does not answer`))
    // After a conflict the next tick asks: at once it would be the same again, as fast as the server can say so.
    else if (code !== CONFLICT) this.#pull()
  }

  #handOut(message: Msg, headers: MsgHdrs | undefined): void {
    const reply = message.reply ?? ''
    this.#requested = Math.max(0, this.#requested - 1)
    this.#unsettled.add(reply)
    const { subject, data } = message
    this.#options.onMessage({
      source: subject,
      key: '',
      headers: recordOf(headers),
      data,
      ack: () => this.#settle(reply, ACK),
      retry: () => this.#settle(reply, NAK),
    })
  }

  #settle(reply: string, how: Uint8Array): void {
    if (!this.#unsettled.delete(reply)) return
    this.#publish(reply, how)
    this.#pull()
  }

  #tick(): void {
    const now = performance.now()
    if (this.#requested > 0 && now - this.#heardAt > 3 * HEARTBEAT_MS) {
      // The request was lost, with a server that led the stream.
      this.#requested = 0
      this.#heardAt = now
    }
    if (now - this.#saidAt >= this.#workingMs) {
      this.#saidAt = now
      for (const reply of this.#unsettled) this.#publish(reply, WORKING)
    }
    this.#pull()
  }

  #publish(subject: string, data: Uint8Array, reply = ''): void {
    // A closed connection throws; its end is told elsewhere, and what was not acknowledged comes again.
    if (!this.#parts.connection.isClosed()) this.#parts.connection.publish(subject, data, { reply })
  }

  #end(error: FrontierError): void {
    if (this.#isOver) return
    this.stop()
    this.#parts.onOver(error)
  }
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined
}

/** A durable has one filter, and its name is not a subject. */
function durableOf(group: string, filter: string | undefined): string {
  const name = filter === undefined ? group : `${group}_${filter}`
  return name.replaceAll('*', 'any').replaceAll('>', 'all').replace(/[\s./\\]/g, '_')
}

async function ensureConsumer(manager: JetStreamManager, stream: string, durable: string, filter: string | undefined): Promise<ConsumerInfo> {
  const found = await manager.consumers.info(stream, durable).catch((thrown: unknown) => {
    const error = natsError(thrown)
    if (error.code === 'RECORD_NOT_FOUND') return undefined
    throw error
  })
  if (found === undefined) {
    return manager.consumers.add(stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ACK_WAIT_MS),
      // Each member asks for no more than it may have unsettled.
      max_ack_pending: -1,
      ...(filter !== undefined && { filter_subject: filter }),
    })
  }
  const { filter_subject: known = '', ack_policy: policy } = found.config
  const isPull = !Object.hasOwn(found.config, 'deliver_subject')
  if (known === (filter ?? '') && policy === AckPolicy.Explicit && isPull) return found
  throw new FrontierError('INVALID_ARGUMENT', `nats: the stream ${stream} has a consumer ${durable} that is not the one for ${filter ?? 'all of it'}`)
}
