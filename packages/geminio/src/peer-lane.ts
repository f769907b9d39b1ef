import { idHigh, idLow } from '@frontier/wire'
import { BaseDelay } from '@frontier/mux'
import { LinkedQueue, type Queued } from './linked-queue.js'
import type { PendingRequest } from './pending-request.js'

/** Our requests toward one peer. Publishes keep their order among themselves, so one that goes out in fragments holds the later ones, but no calls. */
export class PeerLane implements Queued<PeerLane> {
  readonly peer: bigint
  /** The same in two halves, as headers have it: taking a bigint apart costs 0.1 us. */
  readonly peerHigh: number
  readonly peerLow: number
  /** It has no requests, and is kept for the next. */
  isIdle = false
  /** Begun and not settled. */
  inFlight = 0
  readonly calls: LinkedQueue<PendingRequest> = new LinkedQueue()
  readonly publishes: LinkedQueue<PendingRequest> = new LinkedQueue()
  /** The publish whose fragments are going out. */
  publishing: PendingRequest | undefined = undefined
  #baseDelay: BaseDelay | undefined = undefined
  queue: LinkedQueue<PeerLane> | undefined = undefined
  queuePrevious: PeerLane | undefined = undefined
  queueNext: PeerLane | undefined = undefined

  constructor(peer: bigint) {
    this.peer = peer
    this.peerHigh = idHigh(peer)
    this.peerLow = idLow(peer)
  }

  /** Of the way to this peer, as large bodies found it. */
  get baseDelay(): BaseDelay {
    return (this.#baseDelay ??= new BaseDelay())
  }

  get waiting(): number {
    return this.calls.size + this.publishes.size
  }

  /** Where `request` waits. */
  queueOf(request: PendingRequest): LinkedQueue<PendingRequest> {
    return request.isPublish ? this.publishes : this.calls
  }

  /** The request whose turn it is, not taken out; undefined when all have to wait. At-most-once messages go only while the port takes bulk. */
  next(bulkWritable: boolean): PendingRequest | undefined {
    const call = this.calls.first
    let publish = this.publishing === undefined ? this.publishes.first : undefined
    if (publish?.isAtMostOnce === true && !bulkWritable) publish = undefined
    if (call === undefined || publish === undefined) return call ?? publish
    return call.order < publish.order ? call : publish
  }
}
