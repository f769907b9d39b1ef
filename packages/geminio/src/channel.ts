import { FrontierError, type Bytes } from '@frontier/wire'
import type { CallOptions, PublishOptions } from './call-options.js'
import type { ChannelLimits, ChannelPort, ResolvedChannelOptions } from './channel-options.js'
import type { Reply } from './content.js'
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

/** One link (or stream) under a channel. A channel that got a newer one lets the older serve what is in flight on it, until its own `detach`. */
export interface Attachment {
  /** Requests of ours sent here and unanswered. */
  readonly pending: number
  /** Requests of the other side that came in here and are not answered. */
  readonly serving: number
  /** Takes a whole control frame; false when its type is none of a channel's. @throws PROTOCOL_ERROR */
  onFrame(bytes: Uint8Array, start: number, end: number): boolean
  /** The port's `bulkWritable` is true again. */
  onWritable(): void
  /** The link is gone: what was sent here fails with `error`, handlers serving it see their signal abort. */
  detach(error: FrontierError): void
  /** Resolves when `pending` and `serving` are both 0, at the latest on detach. */
  idle(options?: { timeoutMs?: number | undefined }): Promise<void>
}

function missing(): never {
  throw new FrontierError('UNAVAILABLE', 'bodies follow')
}

/** Calls and messages in both directions over anything that carries control frames: a link, through its reconnects, or one stream. */
export class Channel {
  /** The edge id given to requests and messages that name no peer; an edge sets its own. */
  selfId: bigint

  constructor(options: ResolvedChannelOptions) {
    this.selfId = options.selfId
  }

  get isAttached(): boolean {
    return missing()
  }

  /** Our requests that are not settled, waiting ones included. */
  get pending(): number {
    return missing()
  }

  /** Requests of the other side that are not answered yet, handlers that run, messages that are not settled. */
  get serving(): number {
    return missing()
  }

  attach(_port: ChannelPort, _limits: ChannelLimits): Attachment {
    return missing()
  }

  detach(_error: FrontierError): void {
    missing()
  }

  close(_error: FrontierError): void {
    missing()
  }

  call(_request: OutgoingCall, _options?: CallOptions): Promise<Reply> {
    return missing()
  }

  publish(_message: OutgoingMessage, _options?: PublishOptions): Promise<void> {
    return missing()
  }

  request(_request: OutgoingRequest, _options?: CallOptions): Promise<Reply> {
    return missing()
  }

  setHandler(_method: string, _handler: Handler): void {
    missing()
  }

  removeHandler(_method: string): void {
    missing()
  }

  messages(): AsyncIterable<Message> {
    return missing()
  }

  onMessage(_handler: MessageHandler): Disposable {
    return missing()
  }

  onFrame(_bytes: Uint8Array, _start: number, _end: number): boolean {
    return missing()
  }

  onWritable(): void {
    missing()
  }

  idle(_options?: { timeoutMs?: number | undefined }): Promise<void> {
    return missing()
  }
}
