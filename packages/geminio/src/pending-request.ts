import { EMPTY, Flag, FrameType, type FrontierError } from '@frontier/wire'
import { unwatchAbort, watchAbort, type AbortListener } from './abort-watch.js'
import type { Attachment } from './attachment.js'
import type { Reply } from './content.js'
import { DeadlineEntry } from './deadline-wheel.js'
import type { LinkedQueue, Queued } from './linked-queue.js'
import type { OutgoingBody } from './outgoing-body.js'
import type { PartialBody } from './partial-body.js'
import type { PeerLane } from './peer-lane.js'

/** Hears of what ends a request from our side. */
export interface RequestOwner {
  onRequestDeadline(request: PendingRequest): void
  onRequestAborted(request: PendingRequest): void
}

/** What a request is, and for whom; 0n where there is only one other side. */
export interface OutgoingHead {
  readonly type: number
  readonly flags: number
  readonly peer: bigint
}

type Resolve = (reply: Reply | undefined) => void
type Reject = (error: FrontierError) => void

// One executor for all promises, instead of a closure with its scope for each.
let resolveNext: Resolve
let rejectNext: Reject
function capture(resolve: Resolve, reject: Reject): void {
  resolveNext = resolve
  rejectNext = reject
}

/** waiting: not sent at all; sending: some of its fragments; sent: all of it; settled: over. */
export type RequestState = 'waiting' | 'sending' | 'sent' | 'settled'

/** One request of ours from `call`, `publish` or `request` until its promise settles: the only record there is of it. */
export class PendingRequest extends DeadlineEntry implements Queued<PendingRequest>, AbortListener {
  readonly type: number
  readonly flags: number
  readonly peer: bigint
  readonly timeoutMs: number
  key: Uint8Array = EMPTY
  meta: Uint8Array = EMPTY
  data: Uint8Array = EMPTY
  state: RequestState = 'waiting'
  /** Place in the order of all requests of the channel. */
  order = 0
  /** On the wire; valid once sending. */
  id = 0
  resends = 0
  /** It did not go out in the moment it was made. */
  hasWaited = false
  lane: PeerLane | undefined = undefined
  attachment: Attachment | undefined = undefined
  /** Its body on the way out, when it does not fit one frame. */
  body: OutgoingBody | undefined = undefined
  /** Its answer on the way in, when that does not fit one frame. */
  answer: PartialBody | undefined = undefined
  queue: LinkedQueue<PendingRequest> | undefined = undefined
  queuePrevious: PendingRequest | undefined = undefined
  queueNext: PendingRequest | undefined = undefined
  readonly #owner: RequestOwner
  readonly #signal: AbortSignal | undefined
  #resolve: Resolve | undefined = undefined
  #reject: Reject | undefined = undefined

  /** Key, meta and data are set by whoever has checked them. */
  constructor(owner: RequestOwner, head: OutgoingHead, timeoutMs: number, signal: AbortSignal | undefined) {
    super()
    this.type = head.type
    this.flags = head.flags
    this.peer = head.peer
    this.timeoutMs = timeoutMs
    this.#owner = owner
    this.#signal = signal
  }

  get isPublish(): boolean {
    return this.type === FrameType.MESSAGE
  }

  get isAtMostOnce(): boolean {
    return (this.flags & Flag.NO_ACK) !== 0
  }

  get payloadBytes(): number {
    return this.key.length + this.meta.length + this.data.length
  }

  /** Whether the other side may have acted on it: only once it had all of it. */
  get delivered(): 'no' | 'maybe' {
    return this.state === 'sent' ? 'maybe' : 'no'
  }

  /** Why the caller gave up, as given to its AbortController. */
  get abortReason(): unknown {
    return this.#signal?.reason as unknown
  }

  /** The promise that {@link settle} settles, with a reply unless it is a publish; listens to the signal from now on. */
  begin(): Promise<Reply | undefined> {
    if (this.#signal !== undefined) watchAbort(this.#signal, this)
    const promise = new Promise<Reply | undefined>(capture)
    this.#resolve = resolveNext
    this.#reject = rejectNext
    return promise
  }

  /** Settles the promise and lets go of everything, the caller's buffers first of all. */
  settle(error: FrontierError | undefined, reply: Reply): void {
    this.state = 'settled'
    this.key = this.meta = this.data = EMPTY
    this.attachment = undefined
    this.body = undefined
    this.answer = undefined
    if (this.#signal !== undefined) unwatchAbort(this.#signal, this)
    if (error === undefined) this.#resolve?.(this.isPublish ? undefined : reply)
    else this.#reject?.(error)
  }

  override onDeadline(): void {
    this.#owner.onRequestDeadline(this)
  }

  /** The signal aborted. */
  onAbort(): void {
    this.#owner.onRequestAborted(this)
  }
}
