import type { FrontierError } from '@frontier/wire'
import { ReceivedContent } from './content.js'
import type { DeadlineWheel } from './deadline-wheel.js'
import type { InboundRequest } from './inbound-request.js'
import { OwedAnswer, type OwedAnswerOwner } from './owed-answer.js'
import type { Request } from './request.js'

/** What a handler is given. */
class ServedRequest extends ReceivedContent implements Request {
  readonly method: string
  readonly edgeId: bigint
  readonly #call: ServedCall

  constructor(call: ServedCall, request: InboundRequest, edgeId: bigint) {
    super(request.data, request.meta)
    this.method = request.name
    this.edgeId = edgeId
    this.#call = call
  }

  get signal(): AbortSignal {
    return this.#call.signal
  }

  get deadline(): Date | undefined {
    return this.#call.deadlineDate
  }
}

/** One call of the other side from its handler's start until its answer is out. */
export class ServedCall extends OwedAnswer {
  /** What the handler gets. */
  readonly request: Request
  readonly #wheel: DeadlineWheel
  // Made when a handler asks for its signal: most never do, and a controller costs more than the rest of a small call.
  #controller: AbortController | undefined = undefined
  #reason: FrontierError | undefined = undefined

  constructor(inbound: InboundRequest, edgeId: bigint, owner: OwedAnswerOwner, wheel: DeadlineWheel) {
    super(inbound, owner)
    this.request = new ServedRequest(this, inbound, edgeId)
    this.#wheel = wheel
  }

  override get hasBegun(): boolean {
    return true
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  get deadlineDate(): Date | undefined {
    if (this.deadline === Infinity) return undefined
    return new Date(Date.now() + this.deadline - this.#wheel.now())
  }

  override abandon(error: FrontierError): void {
    this.isOver = true
    this.#reason = error
    this.#controller?.abort(error)
  }
}
