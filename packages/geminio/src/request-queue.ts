import { BaseDelay } from '@frontier/mux'
import { LinkedQueue } from './linked-queue.js'
import type { PendingRequest } from './pending-request.js'
import { PeerLane } from './peer-lane.js'

/** Lanes without requests that are kept, or as many as have requests. */
const MOST_IDLE_LANES = 1024

/** Where requests go when it is their turn. */
export interface RequestGate {
  /** A link is there and takes requests. */
  readonly isOpen: boolean
  readonly bulkWritable: boolean
  /** Sends `request`, which has just been counted as in flight. */
  transmit(request: PendingRequest): void
}

/** How many requests may be in flight; as many again wait. */
export interface RequestLimits {
  maxInFlight: number
  maxInFlightPerPeer: number
}

/**
 * The order in which requests leave. Per peer they wait in the order they were made; peers take turns, so that one with more requests than it may
 * have in flight holds up nobody else.
 */
export class RequestQueue {
  limits: RequestLimits
  readonly #gate: RequestGate
  readonly #lanes = new Map<bigint, PeerLane>()
  /** Lanes with something waiting that may have become sendable. */
  readonly #ready = new LinkedQueue<PeerLane>()
  /** Lanes whose next message waits for the port to take bulk. */
  readonly #bulk = new Set<PeerLane>()
  #idleLanes = 0
  #inFlight = 0
  #waiting = 0
  #order = 0
  #isPumping = false

  constructor(gate: RequestGate, limits: RequestLimits) {
    this.#gate = gate
    this.limits = limits
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get waiting(): number {
    return this.#waiting
  }

  /** Sends `request` now or lets it wait; false when there is no place left for it to wait. */
  submit(request: PendingRequest): boolean {
    const { maxInFlight, maxInFlightPerPeer } = this.limits
    if (this.#inFlight + this.#waiting >= 2 * maxInFlight) return false
    const lane = this.#laneOf(request.peer)
    if (lane.inFlight + lane.waiting >= 2 * maxInFlightPerPeer) return false
    request.lane = lane
    request.order = this.#order++
    const queue = lane.queueOf(request)
    const isNext =
      queue.size === 0 &&
      this.#ready.size === 0 &&
      lane.inFlight < maxInFlightPerPeer &&
      this.#inFlight < maxInFlight &&
      this.#gate.isOpen &&
      (!request.isPublish || (lane.publishing === undefined && (!request.isAtMostOnce || this.#gate.bulkWritable)))
    if (isNext) {
      this.#start(request, lane)
      return true
    }
    request.hasWaited = true
    queue.push(request)
    this.#waiting++
    this.#makeReady(lane)
    this.pump()
    return true
  }

  /** Takes a request that waits out. */
  remove(request: PendingRequest): void {
    const lane = request.lane!
    lane.queueOf(request).remove(request)
    this.#waiting--
    this.#retire(lane)
  }

  /** A request that was in flight is over. */
  release(request: PendingRequest): void {
    const lane = request.lane!
    this.#inFlight--
    lane.inFlight--
    if (lane.publishing === request) lane.publishing = undefined
    if (lane.waiting > 0) this.#makeReady(lane)
    else this.#retire(lane)
    if (this.#ready.size > 0) this.pump()
  }

  /** A request that was in flight is to be sent once more, before all that was made after it. */
  resend(request: PendingRequest): void {
    const lane = request.lane!
    this.#inFlight--
    lane.inFlight--
    if (lane.publishing === request) lane.publishing = undefined
    request.state = 'waiting'
    request.hasWaited = true
    lane.queueOf(request).unshift(request)
    this.#waiting++
    this.#makeReady(lane)
    this.pump()
  }

  /** `request`, a publish, goes out in fragments from now on. */
  publishBegins(request: PendingRequest): void {
    request.lane!.publishing = request
  }

  /** The last fragment of `request` was sent. */
  publishSent(request: PendingRequest): void {
    const lane = request.lane!
    if (lane.publishing !== request) return
    lane.publishing = undefined
    if (lane.publishes.size === 0) return
    this.#makeReady(lane)
    this.pump()
  }

  /** What is known of the way to `peer`. */
  baseDelayOf(peer: bigint): BaseDelay {
    return this.#lanes.get(peer)?.baseDelay ?? new BaseDelay()
  }

  /** The port takes bulk again. */
  onWritable(): void {
    if (this.#bulk.size > 0) {
      for (const lane of this.#bulk) this.#makeReady(lane)
      this.#bulk.clear()
    }
    if (this.#ready.size > 0) this.pump()
  }

  /** All requests that wait, in the order they were made. */
  listWaiting(): PendingRequest[] {
    const all: PendingRequest[] = []
    for (const lane of this.#lanes.values()) {
      for (const queue of [lane.calls, lane.publishes]) {
        for (let request = queue.first; request !== undefined; request = request.queueNext) all.push(request)
      }
    }
    return all.sort((a, b) => a.order - b.order)
  }

  /** Sends what may go now. */
  pump(): void {
    // Sending can settle a request at once, which frees a place and calls this again: the loop below takes that up.
    if (this.#isPumping) return
    this.#isPumping = true
    while (this.#gate.isOpen && this.#inFlight < this.limits.maxInFlight) {
      const lane = this.#ready.shift()
      if (lane === undefined) break
      if (lane.inFlight >= this.limits.maxInFlightPerPeer) continue
      const request = lane.next(this.#gate.bulkWritable)
      if (request === undefined) {
        if (lane.publishes.size > 0 && lane.publishing === undefined) this.#bulk.add(lane)
        continue
      }
      lane.queueOf(request).remove(request)
      this.#waiting--
      this.#start(request, lane)
      if (lane.waiting > 0) this.#makeReady(lane)
    }
    this.#isPumping = false
  }

  #start(request: PendingRequest, lane: PeerLane): void {
    this.#inFlight++
    lane.inFlight++
    this.#gate.transmit(request)
  }

  #laneOf(peer: bigint): PeerLane {
    let lane = this.#lanes.get(peer)
    if (lane === undefined) {
      lane = new PeerLane(peer)
      this.#lanes.set(peer, lane)
    } else if (lane.isIdle) {
      lane.isIdle = false
      this.#idleLanes--
    }
    return lane
  }

  #makeReady(lane: PeerLane): void {
    if (lane.queue === undefined) this.#ready.push(lane)
  }

  /** Lets go of a lane without requests; services have one for each edge they are talking to. Some are kept: the next call often comes soon. */
  #retire(lane: PeerLane): void {
    if (lane.inFlight > 0 || lane.waiting > 0 || lane.peer === 0n) return
    this.#ready.remove(lane)
    this.#bulk.delete(lane)
    lane.isIdle = true
    this.#idleLanes++
    if (this.#idleLanes <= MOST_IDLE_LANES || this.#idleLanes * 2 <= this.#lanes.size) return
    for (const { isIdle, peer } of this.#lanes.values()) if (isIdle) this.#lanes.delete(peer)
    this.#idleLanes = 0
  }
}
