// Requests of the other side on one link: who takes them, and what goes back. docs/protocol.md, section 4.
import { bodyOffset, Flag, FrameType, FrontierError, isFrontierError, keyLength, readBudgetMs, readFlags, sendAck } from '@frontier/wire'
import type { Attachment } from './attachment.js'
import { CallServer } from './call-server.js'
import type { ResolvedChannelOptions } from './channel-options.js'
import { copyBytes } from './content.js'
import { payloadTooLarge } from './failure.js'
import { dataOffset, metaOffset } from './frame-content.js'
import { encodeRefusal, InboundRequest } from './inbound-request.js'
import type { Inbox } from './inbox.js'
import type { NameCache } from './name-cache.js'
import type { OutgoingBody } from './outgoing-body.js'
import type { OwedAnswer } from './owed-answer.js'
import { PartialRequests } from './partial-requests.js'
import { ReceivedMessage, type ReceivedMessageOwner } from './received-message.js'
import type { Handler } from './request.js'
import type { SenderShares } from './sender-share.js'

/** What the requests coming in on one link need of their channel. */
export interface ServedRequestsOwner {
  readonly options: ResolvedChannelOptions
  readonly handlers: ReadonlyMap<string, Handler>
  readonly inbox: Inbox
  readonly names: NameCache
  readonly shares: SenderShares
  readonly selfId: bigint
  checkIdle(): void
}

/** Requests of the other side that came in on one link and are not answered. */
export class ServedRequests implements ReceivedMessageOwner {
  readonly #attachment: Attachment
  readonly #owner: ServedRequestsOwner
  readonly #partials: PartialRequests
  readonly #calls: CallServer
  readonly #owed = new Map<number, OwedAnswer>()

  constructor(attachment: Attachment, owner: ServedRequestsOwner) {
    this.#attachment = attachment
    this.#owner = owner
    this.#partials = new PartialRequests(attachment, owner)
    this.#calls = new CallServer(attachment, owner, this)
  }

  get size(): number {
    return this.#owed.size + this.#partials.size + this.#calls.running
  }

  /** The answer to request `id` that is going out in fragments. */
  answerBody(id: number): OutgoingBody | undefined {
    return this.#owed.get(id)?.body
  }

  /**
   * Takes a CALL or MESSAGE, or a fragment of one. A malformed body is answered: the gateway passes bodies on unread.
   * @throws PROTOCOL_ERROR when its id is in use
   */
  onRequest(bytes: Uint8Array, start: number, end: number): void {
    const flags = readFlags(bytes, start)
    const request = new InboundRequest(bytes, start, this.#owner.options.wheel.now())
    this.#checkId(request, flags)
    try {
      if ((flags & Flag.CONT) !== 0) this.#goOn(bytes, start, end)
      else if ((flags & Flag.MORE) !== 0) this.#begin(request, bytes, start, end)
      else this.#onWhole(request, bytes, start, end)
    } catch (error) {
      if (!isFrontierError(error) || error.code !== 'PROTOCOL_ERROR') throw error
      if (request.isAcked || (flags & Flag.MORE) !== 0) this.refuse(request.type, request.id, error)
    }
  }

  #onWhole(request: InboundRequest, bytes: Uint8Array, start: number, end: number): void {
    const { maxPayloadBytes } = this.#owner.options
    const keyBytes = keyLength(bytes, start, end)
    const metaAt = metaOffset(bytes, start, end)
    const dataAt = dataOffset(bytes, start, end)
    const payloadBytes = keyBytes + end - metaAt
    if (payloadBytes > maxPayloadBytes) {
      if (request.isAcked) this.refuse(request.type, request.id, payloadTooLarge(payloadBytes, maxPayloadBytes))
      return
    }
    const keyAt = bodyOffset(bytes, start) + 2
    request.name = this.#owner.names.decode(bytes, keyAt, keyAt + keyBytes)
    request.data = copyBytes(bytes, dataAt, end)
    request.meta = copyBytes(bytes, metaAt, dataAt)
    this.#serve(request, readBudgetMs(bytes, start) === 0)
  }

  /** The requester gave up. The answer frees the place the gateway keeps for the request, which may have no deadline to free it. */
  onCancel(id: number): void {
    if (this.#partials.cancel(id)) return
    const owed = this.#owed.get(id)
    if (owed !== undefined) this.#abandon(owed, 'CANCELLED', 'the caller gave up')
  }

  /** The link is gone. */
  end(error: FrontierError): void {
    this.#partials.end()
    const all = [...this.#owed.values()]
    this.#owed.clear()
    for (const owed of all) {
      this.#owner.options.wheel.remove(owed)
      owed.abandon(error)
    }
    this.#calls.end(error)
  }

  /** `owed` waits to be answered from now on. */
  owe(owed: OwedAnswer): void {
    if (this.#owed.get(owed.id) === owed) return
    this.#owed.set(owed.id, owed)
    this.#owner.options.wheel.add(owed)
  }

  /** `owed` is answered. */
  settled(owed: OwedAnswer): void {
    if (this.#owed.get(owed.id) === owed) this.#owed.delete(owed.id)
    this.#owner.options.wheel.remove(owed)
    this.#attachment.checkIdle()
  }

  /** Its time budget is used up. */
  onOwedDeadline(owed: OwedAnswer): void {
    this.#abandon(owed, 'TIMEOUT', 'the time budget ran out at the receiver')
  }

  onMessageSettled(message: ReceivedMessage, error: FrontierError | undefined): void {
    if (message.isAcked && this.#attachment.isOpen) {
      const { port } = this.#attachment
      if (error === undefined) sendAck(port, message.id)
      else port.send(encodeRefusal(FrameType.MESSAGE, message.id, error))
    }
    this.settled(message)
  }

  onMessageAbandoned(message: ReceivedMessage): void {
    this.#owner.inbox.remove(message)
  }

  /** Answers request `id` with an error. */
  refuse(type: number, id: number, error: FrontierError): void {
    if (this.#attachment.isOpen) this.#attachment.port.send(encodeRefusal(type, id, error))
  }

  #abandon(owed: OwedAnswer, code: 'CANCELLED' | 'TIMEOUT', text: string): void {
    const error = new FrontierError(code, text, { delivered: owed.hasBegun ? 'maybe' : 'no' })
    owed.abandon(error)
    if (owed.body !== undefined) this.#attachment.fragments.remove(owed.body)
    if (owed.isAcked) this.refuse(owed.type, owed.id, error)
    this.settled(owed)
  }

  #goOn(bytes: Uint8Array, start: number, end: number): void {
    const request = this.#partials.goOn(bytes, start, end)
    if (request !== undefined) this.#serve(request, request.deadline <= this.#owner.options.wheel.now())
  }

  #begin(request: InboundRequest, bytes: Uint8Array, start: number, end: number): void {
    const keyAt = bodyOffset(bytes, start) + 2
    const name = this.#owner.names.decode(bytes, keyAt, keyAt + keyLength(bytes, start, end))
    const refusal = this.#refusalOf(request, name, readBudgetMs(bytes, start) === 0)
    // At-most-once messages are refused, too, while they are incomplete: their sender has to stop sending.
    if (refusal !== undefined) this.refuse(request.type, request.id, refusal)
    else this.#partials.begin(request, bytes, start, end)
  }

  #serve(request: InboundRequest, isLate: boolean): void {
    const { type, id, isAcked, name } = request
    const refusal = this.#refusalOf(request, name, isLate)
    if (refusal !== undefined) {
      if (isAcked) this.refuse(type, id, refusal)
    } else if (type === FrameType.CALL) this.#calls.serve(request, this.#owner.handlers.get(name)!)
    else this.#receive(request)
  }

  #receive(request: InboundRequest): void {
    const { wheel } = this.#owner.options
    const message = new ReceivedMessage(request, this.#owner.selfId === 0n ? request.peer : this.#owner.selfId, this)
    if (request.isAcked) this.owe(message)
    else wheel.add(message)
    if (this.#owner.inbox.add(message)) return
    message.isOver = true
    if (request.isAcked) this.refuse(request.type, request.id, new FrontierError('BUFFER_FULL', 'too many bytes wait for the consumer of messages'))
    this.settled(message)
  }

  /** Ids of what is answered, or goes on, are given by the gateway, or the other end of the stream. @throws PROTOCOL_ERROR */
  #checkId(request: InboundRequest, flags: number): void {
    if ((flags & Flag.CONT) !== 0 || (!request.isAcked && (flags & Flag.MORE) === 0)) return
    const { id } = request
    if (this.#owed.has(id) || this.#partials.has(id)) throw new FrontierError('PROTOCOL_ERROR', `request ${id} begins twice`)
  }

  /** Why a request cannot be taken, before anything is kept of it. `isLate`: its time budget is used up. */
  #refusalOf(request: InboundRequest, name: string, isLate: boolean): FrontierError | undefined {
    const { options, handlers, inbox } = this.#owner
    if (request.type === FrameType.CALL && !handlers.has(name)) {
      return new FrontierError('RPC_NOT_ONLINE', `nobody has registered ${JSON.stringify(name)} here`)
    }
    const serving = Math.max(this.#owed.size + this.#partials.size, this.#calls.unsettled, inbox.size)
    if (serving >= options.maxServing) return new FrontierError('BUFFER_FULL', `${options.maxServing} requests are being served already`)
    if (isLate) return new FrontierError('TIMEOUT', 'the time budget was used up on the way')
    return undefined
  }
}
