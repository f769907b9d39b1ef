import { bodyOffset, Flag, FrameType, type FrontierError, readFlags, readId, readType, readU32 } from '@frontier/wire'
import type { ChannelLimits, ChannelPort } from './channel-options.js'
import { FragmentTurns } from './fragment-turns.js'
import { FragmentWindow } from './fragment-window.js'
import { IdleWaiters, type IdleOptions } from './idle-waiters.js'
import { SentRequests, type SentRequestsOwner } from './sent-requests.js'
import { ServedRequests, type ServedRequestsOwner } from './served-requests.js'

/** What an attachment needs of its channel. */
export interface AttachmentOwner extends SentRequestsOwner, ServedRequestsOwner {
  /** It takes no new requests. */
  onAttachmentRetired(attachment: Attachment): void
  /** It is over. */
  onAttachmentDetached(attachment: Attachment): void
}

/** Whether frames of `type` are a channel's. */
export function isChannelFrame(type: number): boolean {
  return type >= FrameType.CALL && type <= FrameType.PROGRESS
}

/**
 * One link, or one stream, under a channel: everything that ends with it. A channel that got a newer one lets the older one serve what is in flight
 * on it, until its own `detach`.
 */
export class Attachment {
  readonly port: ChannelPort
  readonly limits: ChannelLimits
  /** Sends fragments in turns. */
  readonly fragments: FragmentTurns
  /** Our requests. */
  readonly sent: SentRequests
  /** Those of the other side. */
  readonly served: ServedRequests
  readonly #owner: AttachmentOwner
  readonly #idle: IdleWaiters
  #isOpen = true

  constructor(port: ChannelPort, limits: ChannelLimits, owner: AttachmentOwner) {
    this.port = port
    this.limits = limits
    this.#owner = owner
    this.fragments = new FragmentTurns(port, owner.options.wheel)
    this.sent = new SentRequests(this, owner)
    this.served = new ServedRequests(this, owner)
    this.#idle = new IdleWaiters(owner.options.wheel, () => this.pending + this.serving === 0)
  }

  /** Not detached yet. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Requests of ours sent here and unanswered. */
  get pending(): number {
    return this.sent.size
  }

  /** Requests of the other side that came in here and are not answered. */
  get serving(): number {
    return this.served.size
  }

  /** Takes a whole control frame; false when its type is none of a channel's. @throws PROTOCOL_ERROR */
  onFrame(bytes: Uint8Array, start: number, end: number): boolean {
    const type = readType(bytes, start)
    if (!isChannelFrame(type)) return false
    if (!this.#isOpen) return true
    switch (type) {
      case FrameType.CALL:
      case FrameType.MESSAGE:
        this.served.onRequest(bytes, start, end)
        break
      case FrameType.ANSWER:
      case FrameType.ACK:
        this.sent.onAnswer(bytes, start, end)
        break
      case FrameType.CANCEL:
        this.served.onCancel(readId(bytes, start))
        break
      default:
        this.#onProgress(bytes, start, end)
    }
    return true
  }

  /** The port's `bulkWritable` is true again. */
  onWritable(): void {
    if (!this.#isOpen) return
    this.fragments.run()
    this.#owner.queue.onWritable()
  }

  /** Takes no new requests of ours from now on, they wait for the next attachment; what is in flight goes on. */
  retire(): void {
    this.#owner.onAttachmentRetired(this)
  }

  /** The link is gone: what was sent here fails with `error`, the signals of handlers serving it abort with it. Twice is once. */
  detach(error: FrontierError): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.fragments.end()
    this.#owner.onAttachmentDetached(this)
    this.sent.end(error)
    this.served.end(error)
    this.checkIdle()
  }

  /** Resolves when `pending` and `serving` are 0, detached included. @throws TIMEOUT after `timeoutMs` */
  idle(options: IdleOptions = {}): Promise<void> {
    return this.#idle.wait(options)
  }

  /** A request of either direction is over. */
  checkIdle(): void {
    this.#idle.check()
    this.#owner.checkIdle()
  }

  /** A window for a body toward `peer`; undefined where the stream's credit bounds it. */
  windowFor(peer: bigint): FragmentWindow | undefined {
    return this.limits.windowed ? new FragmentWindow(this.#owner.queue.baseDelayOf(peer)) : undefined
  }

  #onProgress(bytes: Uint8Array, start: number, end: number): void {
    const from = bodyOffset(bytes, start)
    // Not worth more than being ignored: it may be another peer's, and what it is about goes on without.
    if (end - from !== 4) return
    const id = readId(bytes, start)
    const isReply = (readFlags(bytes, start) & Flag.REPLY) !== 0
    const body = isReply ? this.served.answerBody(id) : this.sent.bodyOf(id)
    if (body !== undefined) this.fragments.onProgress(body, readU32(bytes, from))
  }
}
