// Putting requests together that come in fragments: docs/protocol.md, section 5.
import { bodyOffset, Flag, FrontierError, readFlags, readId, readType, splitBody } from '@frontier/wire'
import type { Attachment } from './attachment.js'
import { DeadlineEntry } from './deadline-wheel.js'
import { payloadTooLarge } from './failure.js'
import { encodeRefusal, type InboundRequest } from './inbound-request.js'
import { PartialBody } from './partial-body.js'
import { SENDER_SHARE } from './sender-share.js'
import { encodeProgress } from './progress.js'
import type { ServedRequestsOwner } from './served-requests.js'

/** Bodies that may be incomplete at once, however small. */
const MAX_PARTIALS = 1024

class PartialRequest extends DeadlineEntry {
  readonly request: InboundRequest
  readonly body: PartialBody
  readonly #onDeadline: (partial: PartialRequest) => void

  constructor(request: InboundRequest, body: PartialBody, onDeadline: (partial: PartialRequest) => void) {
    super()
    this.request = request
    this.body = body
    this.deadline = request.deadline
    this.#onDeadline = onDeadline
  }

  override onDeadline(): void {
    this.#onDeadline(this)
  }
}

/** Requests of the other side of which fragments are missing. Fragments of unknown ids are ignored: they may be on the way when a request is refused. */
export class PartialRequests {
  readonly #attachment: Attachment
  readonly #owner: ServedRequestsOwner
  readonly #partials = new Map<number, PartialRequest>()
  /** How many of them each edge has. */
  readonly #sizeOf = new Map<bigint, number>()
  readonly #onDeadline = (partial: PartialRequest): void => {
    this.#refuse(partial, new FrontierError('TIMEOUT', 'the time budget ran out before the last fragment came'))
  }

  constructor(attachment: Attachment, owner: ServedRequestsOwner) {
    this.#attachment = attachment
    this.#owner = owner
  }

  get size(): number {
    return this.#partials.size
  }

  has(id: number): boolean {
    return this.#partials.has(id)
  }

  /** Takes the first fragment of a request whose id is not in use. */
  begin(request: InboundRequest, bytes: Uint8Array, start: number, end: number): void {
    const { wheel, maxPayloadBytes } = this.#owner.options
    if (this.#partials.size >= MAX_PARTIALS || (this.#sizeOf.get(request.peer) ?? 0) >= MAX_PARTIALS * SENDER_SHARE) {
      const error = new FrontierError('BUFFER_FULL', `${this.#partials.size} requests are incomplete already`)
      this.#attachment.port.send(encodeRefusal(request.type, request.id, error))
      return
    }
    const partial = new PartialRequest(request, new PartialBody(this.#owner.shares.of(request.peer), maxPayloadBytes), this.#onDeadline)
    this.#partials.set(request.id, partial)
    // Where there is one other side it has all places.
    if (request.peer !== 0n) this.#sizeOf.set(request.peer, (this.#sizeOf.get(request.peer) ?? 0) + 1)
    wheel.add(partial)
    if (this.#append(partial, bytes, bodyOffset(bytes, start), end)) this.#confirm(partial)
  }

  /** Takes a later fragment; returns the request when it was the last. A body that is malformed is refused: the gateway passes bodies on unread. */
  goOn(bytes: Uint8Array, start: number, end: number): InboundRequest | undefined {
    const partial = this.#partials.get(readId(bytes, start))
    if (partial === undefined) return undefined
    if (readType(bytes, start) !== partial.request.type) {
      this.#refuse(partial, new FrontierError('PROTOCOL_ERROR', 'the fragments of the request have different types'))
      return undefined
    }
    if (!this.#append(partial, bytes, bodyOffset(bytes, start), end)) return undefined
    if ((readFlags(bytes, start) & Flag.MORE) !== 0) {
      this.#confirm(partial)
      return undefined
    }
    try {
      const { key, meta, data } = splitBody(partial.body.finish())
      this.#forget(partial)
      const { request } = partial
      request.name = this.#owner.names.decode(key, 0, key.length)
      request.meta = meta
      request.data = data
      return request
    } catch (error) {
      this.#refuse(partial, error as FrontierError)
      return undefined
    }
  }

  /** The requester gave up; false when `id` is none of these. */
  cancel(id: number): boolean {
    const partial = this.#partials.get(id)
    if (partial === undefined) return false
    this.#refuse(partial, new FrontierError('CANCELLED', 'the caller gave up'))
    return true
  }

  /** The link is gone. */
  end(): void {
    for (const partial of this.#partials.values()) {
      this.#owner.options.wheel.remove(partial)
      partial.body.discard()
    }
    this.#partials.clear()
    this.#sizeOf.clear()
  }

  #append(partial: PartialRequest, bytes: Uint8Array, from: number, end: number): boolean {
    const appended = partial.body.append(bytes, from, end)
    if (appended === 'taken') return true
    const { maxPayloadBytes } = this.#owner.options
    const error =
      appended === 'too-large'
        ? payloadTooLarge(partial.body.payloadBytesWith(end - from), maxPayloadBytes)
        : new FrontierError('BUFFER_FULL', 'no room to receive the rest of the request')
    this.#refuse(partial, error)
    return false
  }

  #confirm(partial: PartialRequest): void {
    if (!this.#attachment.limits.windowed || !partial.body.takeConfirmation()) return
    this.#attachment.port.send(encodeProgress(partial.request.id, 0, partial.body.receivedBytes))
  }

  /** At-most-once messages are refused, too, as long as they are incomplete: their sender has to stop sending. */
  #refuse(partial: PartialRequest, error: FrontierError): void {
    this.#forget(partial)
    partial.body.discard()
    this.#attachment.port.send(encodeRefusal(partial.request.type, partial.request.id, error))
    this.#attachment.checkIdle()
  }

  #forget(partial: PartialRequest): void {
    const { id, peer } = partial.request
    this.#partials.delete(id)
    const left = (this.#sizeOf.get(peer) ?? 0) - 1
    if (left > 0) this.#sizeOf.set(peer, left)
    else this.#sizeOf.delete(peer)
    this.#owner.options.wheel.remove(partial)
  }
}
