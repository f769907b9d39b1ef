// Our requests on one link: sending them, and what comes back. docs/protocol.md, sections 4 and 5.
import {
  bodyOffset,
  decodeError,
  encodeFrame,
  Flag,
  FrameType,
  FrontierError,
  HEADER_BYTES,
  isFrontierError,
  readFlags,
  readId,
  readType,
  sendRequest,
  splitBody,
} from '@frontier/wire'
import type { Attachment } from './attachment.js'
import type { ResolvedChannelOptions } from './channel-options.js'
import { copyBytes, EMPTY_REPLY, ReceivedContent, type Reply } from './content.js'
import { failureOf, payloadTooLarge } from './failure.js'
import { dataOffset, metaOffset } from './frame-content.js'
import { budgetUntil, OutgoingBody } from './outgoing-body.js'
import { PartialBody } from './partial-body.js'
import type { PendingRequest } from './pending-request.js'
import { encodeProgress } from './progress.js'
import type { RequestQueue } from './request-queue.js'
import { RequestTable } from './request-table.js'
import type { SenderShares } from './sender-share.js'

/** Lengths that stand in a body beside key, meta and data. */
const LENGTH_FIELDS_BYTES = 6
/** How often a request is sent again whose receiver went away before it had all of it. */
const MAX_RESENDS = 3

/** What the requests of one link need of their channel. */
export interface SentRequestsOwner {
  readonly options: ResolvedChannelOptions
  readonly queue: RequestQueue
  readonly shares: SenderShares
  /** A request of ours is over. */
  finish(request: PendingRequest, error: FrontierError | undefined, reply: Reply): void
  checkIdle(): void
}

/** Our requests that were sent on one link and are not settled. */
export class SentRequests {
  readonly #attachment: Attachment
  readonly #owner: SentRequestsOwner
  readonly #requests = new RequestTable<PendingRequest>()

  constructor(attachment: Attachment, owner: SentRequestsOwner) {
    this.#attachment = attachment
    this.#owner = owner
  }

  get size(): number {
    return this.#requests.size
  }

  /** The body of request `id` that is going out in fragments. */
  bodyOf(id: number): OutgoingBody | undefined {
    return this.#requests.get(id)?.body
  }

  /** Sends `request` whole, or begins with its fragments. */
  send(request: PendingRequest): void {
    const { port, limits } = this.#attachment
    // One that did not wait was made just now: it has all of its budget, and its size was checked against the same limits.
    if (request.hasWaited && !this.#mayStillGo(request)) return
    request.attachment = this.#attachment
    if (HEADER_BYTES + LENGTH_FIELDS_BYTES + request.payloadBytes > limits.maxFrameBytes) {
      this.#sendFragments(request)
      return
    }
    const budgetMs = request.hasWaited ? budgetUntil(request.deadline, this.#owner.options.wheel.now()) : budgetUntil(request.timeoutMs, 0)
    request.state = 'sent'
    if (!request.isAtMostOnce) this.#requests.add(request)
    else request.id = this.#requests.nextId()
    sendRequest(port, request, request.lane!, budgetMs)
    if (request.isAtMostOnce) this.#owner.finish(request, undefined, EMPTY_REPLY)
  }

  #mayStillGo(request: PendingRequest): boolean {
    const { options } = this.#owner
    const { payloadBytes, timeoutMs } = request
    const maxPayloadBytes = Math.min(options.maxPayloadBytes, this.#attachment.limits.maxPayloadBytes)
    let error: FrontierError | undefined
    if (request.deadline <= options.wheel.now()) error = new FrontierError('TIMEOUT', `waited ${timeoutMs} ms for its turn`)
    else if (payloadBytes > maxPayloadBytes) error = payloadTooLarge(payloadBytes, maxPayloadBytes)
    if (error === undefined) return true
    this.#owner.finish(request, error, EMPTY_REPLY)
    return false
  }

  /**
   * Takes an ANSWER or ACK; unknown ids, and answers of the wrong type, are ignored. One that is malformed fails its request only: the gateway passes
   * on what another peer sent.
   */
  onAnswer(bytes: Uint8Array, start: number, end: number): void {
    const request = this.#requests.get(readId(bytes, start))
    if (request === undefined) return
    const type = readType(bytes, start)
    if ((type === FrameType.ACK) !== request.isPublish) return
    try {
      this.#take(request, bytes, start, end)
    } catch (error) {
      if (!isFrontierError(error)) throw error
      const isUnfinished = (readFlags(bytes, start) & Flag.MORE) !== 0
      if (isUnfinished) this.cancel(request)
      this.#owner.finish(request, new FrontierError(error.code, error.reason, { delivered: 'maybe', origin: 'peer' }), EMPTY_REPLY)
    }
  }

  #take(request: PendingRequest, bytes: Uint8Array, start: number, end: number): void {
    const flags = readFlags(bytes, start)
    if ((flags & Flag.ERROR) !== 0) this.#onError(request, decodeError(bytes, start, end))
    else if (request.isPublish) this.#owner.finish(request, undefined, EMPTY_REPLY)
    else if ((flags & (Flag.MORE | Flag.CONT)) !== 0) this.#onFragment(request, flags, bytes.subarray(bodyOffset(bytes, start), end))
    else this.#onReply(request, bytes, start, end)
  }

  /** Forgets `request`, whose promise settles now. */
  forget(request: PendingRequest): void {
    this.#requests.delete(request)
    if (request.body !== undefined) this.#attachment.fragments.remove(request.body)
    request.answer?.discard()
  }

  /** Tells the other side that nobody waits for `request` any more. */
  cancel(request: PendingRequest): void {
    this.#attachment.port.send(encodeFrame({ type: FrameType.CANCEL, id: request.id, peer: request.peer }))
  }

  /** The link is gone. */
  end(error: FrontierError): void {
    for (const request of this.#requests.list()) {
      this.#owner.finish(request, failureOf(error, request.delivered), EMPTY_REPLY)
    }
  }

  #sendFragments(request: PendingRequest): void {
    this.#requests.add(request)
    request.state = 'sending'
    const body = new OutgoingBody({
      type: request.type,
      flags: request.flags,
      id: request.id,
      peer: request.peer,
      deadline: request.deadline,
      key: request.key,
      meta: request.meta,
      data: request.data,
      maxFrameBytes: this.#attachment.limits.maxFrameBytes,
      window: this.#attachment.windowFor(request.peer),
      onSent: () => this.#onBodySent(request),
    })
    request.body = body
    if (request.isPublish) this.#owner.queue.publishBegins(request)
    this.#attachment.fragments.add(body)
  }

  #onBodySent(request: PendingRequest): void {
    // Sending the last frame may have shown that the link is gone, which failed the request.
    if (request.state !== 'sending') return
    request.state = 'sent'
    request.body = undefined
    if (request.isAtMostOnce) this.#owner.finish(request, undefined, EMPTY_REPLY)
    else if (request.isPublish) this.#owner.queue.publishSent(request)
  }

  #onError(request: PendingRequest, error: FrontierError): void {
    // The chosen receiver went away before it had all fragments: the gateway has not kept them, we have.
    const mayResend = error.code === 'EOF' && error.origin === 'gateway' && error.delivered === 'no' && error.retryable
    if (mayResend && request.resends < MAX_RESENDS) {
      request.resends++
      this.forget(request)
      request.attachment = undefined
      request.body = undefined
      request.answer = undefined
      this.#owner.queue.resend(request)
    } else this.#owner.finish(request, error, EMPTY_REPLY)
  }

  #onReply(request: PendingRequest, bytes: Uint8Array, start: number, end: number): void {
    const metaAt = metaOffset(bytes, start, end)
    const dataAt = dataOffset(bytes, start, end)
    const { maxPayloadBytes } = this.#owner.options
    if (end - metaAt > maxPayloadBytes) {
      this.#owner.finish(request, payloadTooLarge(end - metaAt, maxPayloadBytes, 'maybe'), EMPTY_REPLY)
      return
    }
    const reply = metaAt === end ? EMPTY_REPLY : new ReceivedContent(copyBytes(bytes, dataAt, end), copyBytes(bytes, metaAt, dataAt))
    this.#owner.finish(request, undefined, reply)
  }

  #onFragment(request: PendingRequest, flags: number, piece: Uint8Array): void {
    const { maxPayloadBytes } = this.#owner.options
    if ((flags & Flag.CONT) === 0) {
      if (request.answer !== undefined) throw new FrontierError('PROTOCOL_ERROR', `answer ${request.id} begins twice`)
      request.answer = new PartialBody(this.#owner.shares.of(request.peer), maxPayloadBytes)
    }
    const answer = request.answer
    if (answer === undefined) throw new FrontierError('PROTOCOL_ERROR', `answer ${request.id} goes on but did not begin`)
    const appended = answer.append(piece, 0, piece.length)
    if (appended !== 'taken') {
      this.cancel(request)
      const error =
        appended === 'too-large'
          ? payloadTooLarge(answer.payloadBytesWith(piece.length), maxPayloadBytes, 'maybe')
          : new FrontierError('BUFFER_FULL', 'no room to receive the answer', { delivered: 'maybe' })
      this.#owner.finish(request, error, EMPTY_REPLY)
    } else if ((flags & Flag.MORE) === 0) {
      const { meta, data } = splitBody(answer.finish())
      this.#owner.finish(request, undefined, new ReceivedContent(data, meta))
    } else if (this.#attachment.limits.windowed && answer.takeConfirmation()) {
      this.#attachment.port.send(encodeProgress(request.id, Flag.REPLY, answer.receivedBytes))
    }
  }
}
