// What a channel is made of. channel.ts is its public face; its links see it through the interfaces implemented here.
import { FrontierError, toFrontierError, type Bytes } from '@frontier/wire'
import { Attachment, type AttachmentOwner } from './attachment.js'
import { ByteBudget } from './byte-budget.js'
import { checkedBytes, checkedTimeoutMs, type CallOptions } from './call-options.js'
import type { ChannelLimits, ChannelPort, ResolvedChannelOptions } from './channel-options.js'
import { EMPTY_REPLY, type Reply } from './content.js'
import { failureOf, payloadTooLarge } from './failure.js'
import { IdleWaiters } from './idle-waiters.js'
import { Inbox } from './inbox.js'
import { NameCache } from './name-cache.js'
import { MAX_BUDGET_MS } from './outgoing-body.js'
import { MAX_BLOCK_BYTES } from './partial-body.js'
import { PendingRequest, type OutgoingHead, type RequestOwner } from './pending-request.js'
import type { Handler } from './request.js'
import { RequestQueue, type RequestGate } from './request-queue.js'
import { SenderShares } from './sender-share.js'

/** A request before its options are looked at. */
export interface OutgoingFields extends OutgoingHead {
  readonly name: string
  readonly data: Bytes | undefined
}

/** The state that outlives links, and the paths between requests, their order and the link of the moment. */
export class ChannelCore implements AttachmentOwner, RequestOwner, RequestGate {
  readonly options: ResolvedChannelOptions
  readonly handlers: Map<string, Handler> = new Map()
  readonly names: NameCache = new NameCache()
  readonly receiveBudget: ByteBudget
  readonly shares: SenderShares
  readonly inbox: Inbox
  readonly queue: RequestQueue
  readonly idle: IdleWaiters
  selfId: bigint
  /** The link that new requests go out on. */
  current: Attachment | undefined = undefined
  /** With those that only finish what is in flight. */
  readonly #attachments = new Set<Attachment>()
  #closed: FrontierError | undefined = undefined

  constructor(options: ResolvedChannelOptions) {
    this.options = options
    this.selfId = options.selfId
    this.receiveBudget = new ByteBudget(options.maxReceiveBytes, options.receiveBudget)
    this.shares = new SenderShares(this.receiveBudget, options.maxPayloadBytes + MAX_BLOCK_BYTES)
    this.inbox = new Inbox(this.shares, options.wheel, () => this.checkIdle())
    this.queue = new RequestQueue(this, options)
    this.idle = new IdleWaiters(options.wheel, () => this.pending + this.serving === 0)
  }

  get pending(): number {
    return this.queue.inFlight + this.queue.waiting
  }

  get serving(): number {
    let count = this.inbox.busy
    for (const attachment of this.#attachments) count += attachment.serving
    return count
  }

  get isOpen(): boolean {
    return this.current !== undefined
  }

  get bulkWritable(): boolean {
    return this.current?.port.bulkWritable === true
  }

  /** Makes a request and lets it go or wait. Resolves with its reply, a publish with undefined; rejects with everything that can be wrong with it. */
  submit(outgoing: OutgoingFields, options: CallOptions): Promise<Reply | undefined> {
    let request: PendingRequest
    try {
      request = this.#prepare(outgoing, options)
    } catch (error) {
      return Promise.reject(toFrontierError(error, 'INVALID_ARGUMENT'))
    }
    const settled = request.begin()
    this.options.wheel.add(request)
    if (!this.queue.submit(request)) {
      const { maxInFlight } = this.queue.limits
      this.#settle(request, new FrontierError('BUFFER_FULL', `as many requests wait as may be in flight (${maxInFlight} in all)`))
    }
    return settled
  }

  attach(port: ChannelPort, limits: ChannelLimits): Attachment {
    if (this.#closed !== undefined) throw failureOf(this.#closed, 'no')
    const attachment = new Attachment(port, limits, this)
    this.#attachments.add(attachment)
    this.current = attachment
    this.queue.limits = {
      maxInFlight: Math.min(this.options.maxInFlight, limits.maxInFlight),
      maxInFlightPerPeer: Math.min(this.options.maxInFlightPerPeer, limits.maxInFlightPerPeer ?? Infinity),
    }
    this.queue.onWritable()
    return attachment
  }

  onAttachmentDetached(attachment: Attachment): void {
    this.#attachments.delete(attachment)
    this.onAttachmentRetired(attachment)
  }

  onAttachmentRetired(attachment: Attachment): void {
    if (this.current === attachment) this.current = undefined
  }

  close(error: FrontierError): void {
    if (this.#closed !== undefined) return
    this.#closed = error
    for (const attachment of [...this.#attachments]) attachment.detach(error)
    for (const request of this.queue.listWaiting()) this.finish(request, failureOf(error, 'no'), EMPTY_REPLY)
    this.inbox.close()
    this.checkIdle()
  }

  transmit(request: PendingRequest): void {
    this.current!.sent.send(request)
  }

  finish(request: PendingRequest, error: FrontierError | undefined, reply: Reply): void {
    if (request.state === 'settled') return
    const isQueued = request.queue !== undefined
    const { attachment } = request
    attachment?.sent.forget(request)
    if (isQueued) this.queue.remove(request)
    this.#settle(request, error, reply)
    if (!isQueued) this.queue.release(request)
    if (attachment === undefined) this.checkIdle()
    else attachment.checkIdle()
  }

  onRequestDeadline(request: PendingRequest): void {
    const { state, timeoutMs } = request
    if (state === 'waiting') {
      const error = this.isOpen
        ? new FrontierError('TIMEOUT', `waited ${timeoutMs} ms for its turn`)
        : new FrontierError('UNAVAILABLE', `no link within ${timeoutMs} ms`)
      this.finish(request, error, EMPTY_REPLY)
      return
    }
    // The other side has the budget and stops by itself; not so when it still gets or sends fragments, or knows of no budget.
    if (state === 'sending' || request.answer !== undefined || timeoutMs > MAX_BUDGET_MS) request.attachment?.sent.cancel(request)
    this.finish(request, new FrontierError('TIMEOUT', `no answer within ${timeoutMs} ms`, { delivered: request.delivered }), EMPTY_REPLY)
  }

  onRequestAborted(request: PendingRequest): void {
    request.attachment?.sent.cancel(request)
    const { delivered, abortReason } = request
    this.finish(request, new FrontierError('CANCELLED', 'the caller gave up', { delivered, cause: abortReason }), EMPTY_REPLY)
  }

  checkIdle(): void {
    this.idle.check()
  }

  #settle(request: PendingRequest, error: FrontierError | undefined, reply: Reply = EMPTY_REPLY): void {
    this.options.wheel.remove(request)
    request.settle(error, reply)
  }

  #prepare(outgoing: OutgoingFields, options: CallOptions): PendingRequest {
    if (this.#closed !== undefined) throw failureOf(this.#closed, 'no')
    const { name, data } = outgoing
    if (typeof name !== 'string') throw new FrontierError('INVALID_ARGUMENT', 'a name must be a string')
    const { signal } = options
    if (signal?.aborted === true) throw new FrontierError('CANCELLED', 'the caller gave up', { cause: signal.reason })
    const timeoutMs = options.timeoutMs === undefined ? this.options.timeoutMs : checkedTimeoutMs(options.timeoutMs)
    const request = new PendingRequest(this, outgoing, timeoutMs, signal)
    request.key = this.names.encode(name)
    request.meta = checkedBytes(options.meta, 'meta')
    request.data = checkedBytes(data, 'data')
    const limit = Math.min(this.options.maxPayloadBytes, this.current?.limits.maxPayloadBytes ?? Infinity)
    if (request.payloadBytes > limit) throw payloadTooLarge(request.payloadBytes, limit)
    if (timeoutMs !== Infinity) request.deadline = this.options.wheel.now() + timeoutMs
    return request
  }
}
