import { EMPTY, FrameType, type FrontierError, HEADER_BYTES, sendAnswer } from '@frontier/wire'
import type { Attachment } from './attachment.js'
import { handlerFailure, payloadTooLarge } from './failure.js'
import { answerContent, isPromise, type AnswerContent } from './handler-result.js'
import type { InboundRequest } from './inbound-request.js'
import { OutgoingBody } from './outgoing-body.js'
import type { Handler, HandlerResult } from './request.js'
import { ServedCall } from './served-call.js'
import type { ServedRequests, ServedRequestsOwner } from './served-requests.js'

/** Lengths that stand in a body beside key, meta and data. */
const LENGTH_FIELDS_BYTES = 6

/** Runs the handlers of the calls that came in on one link, and sends what they answer. */
export class CallServer {
  readonly #attachment: Attachment
  readonly #owner: ServedRequestsOwner
  readonly #requests: ServedRequests
  #running = 0
  #unsettled = 0
  #ended: FrontierError | undefined = undefined

  constructor(attachment: Attachment, owner: ServedRequestsOwner, requests: ServedRequests) {
    this.#attachment = attachment
    this.#owner = owner
    this.#requests = requests
  }

  /** Handlers on the stack right now. */
  get running(): number {
    return this.#running
  }

  /** Handlers whose promise is not settled, those included that nobody waits for any more. */
  get unsettled(): number {
    return this.#unsettled
  }

  /** Runs `handler`. An answer without waiting leaves at once and costs no record. */
  serve(inbound: InboundRequest, handler: Handler): void {
    const { options, selfId } = this.#owner
    const call = new ServedCall(inbound, selfId === 0n ? inbound.peer : selfId, this.#requests, options.wheel)
    this.#running++
    try {
      const result = handler(call.request)
      if (isPromise(result)) this.#wait(call, result)
      else this.#answer(call, result)
    } catch (error) {
      this.#fail(call, error)
    }
    this.#running--
    this.#attachment.checkIdle()
  }

  /** The link is gone: nothing is answered any more. */
  end(error: FrontierError): void {
    this.#ended = error
  }

  #wait(call: ServedCall, result: PromiseLike<HandlerResult>): void {
    // The handler itself may have ended the link before it returned its promise.
    if (this.#ended === undefined) this.#requests.owe(call)
    else call.abandon(this.#ended)
    this.#unsettled++
    result.then(
      (value) => {
        this.#unsettled--
        this.#answer(call, value)
      },
      (error: unknown) => {
        this.#unsettled--
        this.#fail(call, error)
      },
    )
  }

  #answer(call: ServedCall, result: HandlerResult): void {
    let content: AnswerContent
    try {
      content = answerContent(result)
    } catch (error) {
      // The handler's mistake, not an argument of the caller's.
      this.#fail(call, (error as FrontierError).reason)
      return
    }
    if (call.isOver || this.#ended !== undefined) return
    const { limits } = this.#attachment
    const payloadBytes = content.data.length + content.meta.length
    const maxPayloadBytes = Math.min(this.#owner.options.maxPayloadBytes, limits.maxPayloadBytes)
    if (payloadBytes > maxPayloadBytes) this.#fail(call, payloadTooLarge(payloadBytes, maxPayloadBytes))
    else if (HEADER_BYTES + LENGTH_FIELDS_BYTES + payloadBytes > limits.maxFrameBytes) this.#answerInFragments(call, content)
    else {
      call.isOver = true
      sendAnswer(this.#attachment.port, call.id, content.meta, content.data)
      this.#requests.settled(call)
    }
  }

  #fail(call: ServedCall, thrown: unknown): void {
    if (call.isOver) return
    call.isOver = true
    this.#requests.refuse(FrameType.CALL, call.id, handlerFailure(thrown))
    this.#requests.settled(call)
  }

  #answerInFragments(call: ServedCall, content: AnswerContent): void {
    // What it owes until the last fragment is out: PROGRESS and CANCEL look for it there.
    this.#requests.owe(call)
    call.body = new OutgoingBody({
      type: FrameType.ANSWER,
      flags: 0,
      id: call.id,
      peer: 0n,
      deadline: Infinity,
      key: EMPTY,
      meta: content.meta,
      data: content.data,
      maxFrameBytes: this.#attachment.limits.maxFrameBytes,
      window: this.#attachment.windowFor(call.peer),
      onSent: () => {
        call.isOver = true
        this.#requests.settled(call)
      },
    })
    this.#attachment.fragments.add(call.body)
  }
}
