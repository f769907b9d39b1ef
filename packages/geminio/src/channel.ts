import { Flag, FrameType, FrontierError, readType, toFrontierError, type Bytes } from '@frontier/wire'
import { isChannelFrame, type Attachment } from './attachment.js'
import type { CallOptions, PublishOptions } from './call-options.js'
import { ChannelCore } from './channel-core.js'
import type { ChannelLimits, ChannelPort, ResolvedChannelOptions } from './channel-options.js'
import type { Reply } from './content.js'
import type { IdleOptions } from './idle-waiters.js'
import type { Message, MessageHandler } from './message.js'
import type { Handler } from './request.js'

/** A call to make. */
export interface OutgoingCall {
  method: string
  /** The edge to call; 0n (default) where there is only one other side. */
  peer?: bigint | undefined
  data?: Bytes | undefined
}

/** A message to publish. */
export interface OutgoingMessage {
  topic: string
  /** The edge to publish to; 0n (default) where there is only one other side. */
  peer?: bigint | undefined
  data?: Bytes | undefined
}

/** A request of another type that is answered by ANSWER: REGISTER, UNREGISTER. */
export interface OutgoingRequest {
  type: number
  flags?: number | undefined
  key: string
  peer?: bigint | undefined
  data?: Bytes | undefined
}

const NO_OPTIONS: PublishOptions = {}

function deliveryFlags(options: PublishOptions): number {
  const delivery: string = options.delivery ?? 'acked'
  if (delivery === 'acked') return 0
  if (delivery === 'at-most-once') return Flag.NO_ACK
  throw new FrontierError('INVALID_ARGUMENT', `delivery is 'acked' or 'at-most-once', not ${delivery}`)
}

/**
 * Calls and messages in both directions over anything that carries control frames: a link, through its reconnects, or one stream. Without a link,
 * requests wait for one in order, within their time budget.
 */
export class Channel {
  readonly #core: ChannelCore

  constructor(options: ResolvedChannelOptions) {
    this.#core = new ChannelCore(options)
  }

  /** The edge id of requests and messages that name no peer; an edge sets its own once it is granted. */
  get selfId(): bigint {
    return this.#core.selfId
  }

  set selfId(id: bigint) {
    this.#core.selfId = id
  }

  /** Whether requests go out now, instead of waiting for a link. */
  get isAttached(): boolean {
    return this.#core.isOpen
  }

  /** Our requests that are not settled, waiting ones included. */
  get pending(): number {
    return this.#core.pending
  }

  /** Requests of the other side that are not answered, handlers that run and messages that are not settled. */
  get serving(): number {
    return this.#core.serving
  }

  /**
   * A link is up: what waited goes out in order. An attachment that was there before gets no new requests, but serves what is in flight on it until
   * its own `detach`. @throws the error of `close` after it
   */
  attach(port: ChannelPort, limits: ChannelLimits): Attachment {
    return this.#core.attach(port, limits)
  }

  /** The link is gone: what was sent on it fails with `error` at once, the signals of handlers abort, what was not sent goes on waiting. */
  detach(error: FrontierError): void {
    this.#core.current?.detach(error)
  }

  /** The end, for good: everything fails with `error`, now and later; `messages()` ends. Twice is once. */
  close(error: FrontierError): void {
    this.#core.close(error)
  }

  /**
   * Calls `method`. Rejects INVALID_ARGUMENT, PAYLOAD_TOO_LARGE, BUFFER_FULL, CANCELLED, TIMEOUT, UNAVAILABLE (no link in time), EOF (the link went)
   * or with what the other side answered.
   */
  call(request: OutgoingCall, options: CallOptions = NO_OPTIONS): Promise<Reply> {
    const { method, peer = 0n, data } = request
    if (method === '') return Promise.reject(new FrontierError('INVALID_ARGUMENT', 'the name of a method must be a string that is not empty'))
    return this.#core.submit({ type: FrameType.CALL, flags: 0, peer, name: method, data }, options) as Promise<Reply>
  }

  /** Publishes; messages to one peer arrive in the order they were published. Rejects as {@link call}. */
  publish(message: OutgoingMessage, options: PublishOptions = NO_OPTIONS): Promise<void> {
    const { topic, peer = 0n, data } = message
    let flags: number
    try {
      flags = deliveryFlags(options)
    } catch (error) {
      return Promise.reject(toFrontierError(error, 'INVALID_ARGUMENT'))
    }
    return this.#core.submit({ type: FrameType.MESSAGE, flags, peer, name: topic, data }, options) as Promise<undefined>
  }

  /** Sends a request of another type, answered by ANSWER. Rejects as {@link call}. */
  request(request: OutgoingRequest, options: CallOptions = NO_OPTIONS): Promise<Reply> {
    const { type, flags = 0, key, peer = 0n, data } = request
    return this.#core.submit({ type, flags, peer, name: key, data }, options) as Promise<Reply>
  }

  /** Serves `method` from now on. @throws INVALID_ARGUMENT when it is served already, or `handler` is no function. */
  setHandler(method: string, handler: Handler): void {
    if (typeof handler !== 'function') throw new FrontierError('INVALID_ARGUMENT', 'a handler must be a function')
    this.#core.names.encode(method)
    if (this.#core.handlers.has(method)) throw new FrontierError('INVALID_ARGUMENT', `${JSON.stringify(method)} is registered already`)
    this.#core.handlers.set(method, handler)
  }

  /** Serves `method` no longer; calls that run go on. */
  removeHandler(method: string): void {
    this.#core.handlers.delete(method)
  }

  /** The messages as they come. One consumer at a time, this or {@link onMessage}, until the loop is left. @throws INVALID_ARGUMENT */
  messages(): AsyncIterableIterator<Message> {
    return this.#core.inbox.iterate()
  }

  /** Hands messages to `handler`, one at a time per sender, senders side by side, until disposed of. @throws INVALID_ARGUMENT when there is a consumer. */
  onMessage(handler: MessageHandler): Disposable {
    return this.#core.inbox.consume(handler)
  }

  /** Takes a whole control frame of the newest attachment; false when its type is none of a channel's. @throws PROTOCOL_ERROR */
  onFrame(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#core.current?.onFrame(bytes, start, end) ?? isChannelFrame(readType(bytes, start))
  }

  /** The port's `bulkWritable` is true again. */
  onWritable(): void {
    this.#core.current?.onWritable()
  }

  /** Resolves when `pending` and `serving` are both 0. Rejects TIMEOUT after `timeoutMs`. */
  idle(options: IdleOptions = {}): Promise<void> {
    return this.#core.idle.wait(options)
  }
}
