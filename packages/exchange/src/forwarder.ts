// The hot path: one call through the gateway is `request` and `answer`. No object, promise, closure, timer or copy is made for it: the frame is
// rewritten where it lies in the received chunk, and the same bytes are queued on the other link.
import {
  bodyOffset,
  encodeError,
  encodeRawFrame,
  Flag,
  FrameType,
  FrontierError,
  type FrontierErrorCode,
  keyLength,
  NO_BUDGET,
  readBudgetMs,
  readFlags,
  readId,
  readPeerHigh,
  readPeerLow,
  readType,
  RESERVED_METHODS,
  utf8,
  writeBudgetMs,
  writeId,
  writePeerParts,
} from '@frontier/wire'
import { chooseTaker } from './choice.js'
import type { ExchangeCounters } from './exchange-counters.js'
import type { ResolvedExchangeOptions } from './exchange-options.js'
import { FairShare } from './fair-share.js'
import type { IdTable } from './id-table.js'
import type { Party } from './party.js'
import { PendingState, PendingTable } from './pending-table.js'
import type { Peer } from './peer.js'
import type { Route, RouteTable } from './route-table.js'

/** How long a slot outlives its request's deadline, and a cancelled request without one, in milliseconds. */
const GRACE_MS = 1000
const CANCELLED_MS = 30_000
/** A source holds at most this part of a receiver's places. */
const SHARE = 8
const RESERVED_LENGTHS = new Set<number>(RESERVED_METHODS.map((name) => name.length))

/** Where requests can go. */
export interface Routes {
  readonly methods: RouteTable
  readonly topics: RouteTable
  readonly edges: IdTable<Peer>
  /** Whether new requests are refused with DRAINING. */
  readonly isDraining: boolean
  /** Closes a peer that has not taken what it was sent. */
  cutOff(peer: Peer): void
}

/** Carries requests to their targets and answers back, and knows which answers are missing. */
export class Forwarder {
  readonly pending: PendingTable = new PendingTable()
  readonly #routes: Routes
  readonly #options: ResolvedExchangeOptions
  readonly #counters: ExchangeCounters

  constructor(routes: Routes, options: ResolvedExchangeOptions, counters: ExchangeCounters) {
    this.#routes = routes
    this.#options = options
    this.#counters = counters
  }

  /** Takes a CALL or MESSAGE frame of `peer`. */
  request(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const flags = readFlags(bytes, start)
    if ((flags & Flag.CONT) !== 0) {
      this.#continueRequest(peer, bytes, start, end, flags)
      return
    }
    const type = readType(bytes, start)
    if (type === FrameType.CALL) this.#counters.calls++
    else this.#counters.messages++
    let target: Peer | undefined
    if (peer.role === 'edge') {
      const length = keyLength(bytes, start, end)
      const route = this.#routeOf(type, bytes, bodyOffset(bytes, start) + 2, length)
      target = route === undefined ? undefined : chooseTaker(route, peer, this.#options.hashBy)
      if (target === undefined) {
        this.#refuseUnknown(peer, bytes, start, end)
        return
      }
      writePeerParts(bytes, start, peer.idHigh, peer.idLow)
    } else {
      target = this.#routes.edges.find(readPeerHigh(bytes, start), readPeerLow(bytes, start))
      if (target === undefined || (type === FrameType.CALL && isReserved(bytes, start, end))) {
        this.#refuseUnknown(peer, bytes, start, end)
        return
      }
    }
    this.#forward(peer, target, bytes, start, end, flags)
  }

  /** Takes an ANSWER or ACK frame, or a fragment of one, of `target`. Unknown ids are ignored. */
  answer(target: Party, bytes: Uint8Array, start: number, end: number): void {
    const { pending } = this
    const slot = pending.find(readId(bytes, start), target)
    if (slot < 0) return
    const source = pending.source[slot]
    const flags = readFlags(bytes, start)
    if (source === undefined) {
      // Cancelled: the place is given back with the last fragment.
      if ((flags & Flag.MORE) === 0) pending.remove(slot)
      return
    }
    writeId(bytes, start, pending.sourceId[slot]!)
    if ((flags & Flag.MORE) === 0) {
      this.#counters.answers++
      pending.remove(slot)
    } else {
      this.#counters.fragments++
      pending.state[slot]! |= PendingState.ANSWERING
    }
    source.port.sendControl(bytes, start, end)
    // Answers are never dropped: whoever asks without reading what comes back is closed.
    if (source.port.queuedBytes > source.hardMarkBytes) this.#routes.cutOff(source as Peer)
  }

  /** Takes a CANCEL frame of `peer`: its place is free at once, the target is told. */
  cancel(peer: Peer, bytes: Uint8Array, start: number): void {
    const slot = this.pending.findAsked(readId(bytes, start), peer)
    if (slot >= 0) this.#abandon(slot)
  }

  /** Takes a PROGRESS frame of `peer`, about a request it was given or, with REPLY, about the answer to one of its own. */
  progress(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const { pending } = this
    if ((readFlags(bytes, start) & Flag.REPLY) !== 0) {
      const slot = pending.findAsked(readId(bytes, start), peer)
      if (slot < 0) return
      writeId(bytes, start, pending.id[slot]!)
      pending.target[slot]!.port.sendControl(bytes, start, end)
      return
    }
    const slot = pending.find(readId(bytes, start), peer)
    const source = slot < 0 ? undefined : pending.source[slot]
    if (source === undefined) return
    writeId(bytes, start, pending.sourceId[slot]!)
    source.port.sendControl(bytes, start, end)
  }

  /** Sends a request that the gateway itself makes; `bytes` is a whole CALL frame, its id is replaced. */
  requestFrom(source: Party, sourceId: number, target: Peer, bytes: Uint8Array): void {
    const slot = this.pending.add(source, sourceId, target, 0, this.#expiryOf(bytes, 0))
    writeId(bytes, 0, this.pending.id[slot]!)
    target.link.sendControl(bytes)
    this.pending.place[slot] = target.link.sentBytes
  }

  /** Gives up what has passed its deadline by more than a second. Called once per tick. */
  expire(tick: number): void {
    this.pending.forEachExpired(tick, (slot) => {
      this.#counters.expired++
      const { source, target } = this.#partiesOf(slot)
      target.port.sendControl(encodeRawFrame({ type: FrameType.CANCEL, id: this.pending.id[slot]! }))
      if (source !== undefined) this.#fail(slot, source, new FrontierError('TIMEOUT', 'no answer within the time budget', { delivered: 'maybe' }))
      this.pending.remove(slot)
    })
  }

  /**
   * The link of `peer` is over: what it asked for is cancelled, what never left for it goes to the next service, and the rest of what it was asked fails with
   * `code`. Its names are out of the routes already; its queue can still be read.
   */
  peerGone(peer: Peer, code: FrontierErrorCode, reason: string): void {
    const { pending } = this
    while (peer.firstAsked >= 0) this.#abandon(peer.firstAsked)
    if (peer.role === 'service' && peer.owed > 0) this.#rerouteUnsent(peer)
    const handed = peer.link.handedBytes
    while (peer.firstOwed >= 0) {
      const slot = peer.firstOwed
      const source = pending.source[slot]
      if (source !== undefined) {
        const isUnsent = pending.place[slot]! > handed || (pending.state[slot]! & PendingState.ASKING) !== 0
        this.#fail(slot, source, new FrontierError(code, reason, { delivered: isUnsent ? 'no' : 'maybe', retryable: true }))
      }
      pending.remove(slot)
    }
  }

  /** Checks the limits, takes a place, and sends the request on. */
  #forward(peer: Peer, target: Peer, bytes: Uint8Array, start: number, end: number, flags: number): void {
    const { pending } = this
    const { link, limits } = target
    const queuedBytes = link.queuedBytes
    if (
      this.#routes.isDraining ||
      queuedBytes > limits.markBytes ||
      target.owed >= limits.maxOwed ||
      peer.asked >= peer.limits.maxAsked ||
      // One source's part is counted only where it could be too much: it asks for more than its part, and so much is owed.
      (target.owed >= limits.maxOwed / SHARE && peer.asked >= limits.maxOwed / SHARE && pending.countBetween(peer, target) >= limits.maxOwed / SHARE) ||
      (queuedBytes > limits.markBytes / SHARE && !this.#hasRoom(peer, target, end - start))
    ) {
      this.#refuseFull(peer, bytes, start, flags)
      return
    }
    const isAcked = (flags & Flag.NO_ACK) === 0
    if (isAcked || (flags & Flag.MORE) !== 0) {
      const isMessage = readType(bytes, start) === FrameType.MESSAGE
      const state = (isMessage ? PendingState.MESSAGE : 0) | ((flags & Flag.MORE) !== 0 ? PendingState.ASKING : 0) | (isAcked ? 0 : PendingState.NO_ACK)
      const slot = pending.add(peer, readId(bytes, start), target, state, this.#expiryOf(bytes, start))
      pending.bodyBytes[slot] = end - start
      writeId(bytes, start, pending.id[slot]!)
      link.sendControl(bytes, start, end)
      pending.place[slot] = link.sentBytes
    } else link.sendControl(bytes, start, end)
    if (target.fairShare !== undefined) target.fairShare.add(peer, end - start)
  }

  #routeOf(type: number, bytes: Uint8Array, keyStart: number, length: number): Route | undefined {
    if (type === FrameType.CALL) return this.#routes.methods.find(bytes, keyStart, length)
    return this.#routes.topics.find(bytes, keyStart, length) ?? this.#routes.topics.get('*')
  }

  #continueRequest(peer: Peer, bytes: Uint8Array, start: number, end: number, flags: number): void {
    const { pending } = this
    const slot = pending.findAsked(readId(bytes, start), peer)
    // Refused, cancelled or answered while its fragments were on the way.
    if (slot < 0 || (pending.state[slot]! & PendingState.ASKING) === 0) return
    this.#counters.fragments++
    const target = pending.target[slot] as Peer
    const bodyBytes = pending.bodyBytes[slot]! + end - start
    pending.bodyBytes[slot] = bodyBytes
    const isTooLarge = bodyBytes > this.#options.maxPayloadBytes + 65_536
    if (isTooLarge || target.link.queuedBytes > target.limits.markBytes) {
      const error = isTooLarge
        ? new FrontierError('PAYLOAD_TOO_LARGE', `more than ${bodyBytes - 65_536} bytes, at most ${this.#options.maxPayloadBytes} are allowed`)
        : this.#bufferFull()
      this.#fail(slot, peer, error)
      this.#abandon(slot)
      return
    }
    writeId(bytes, start, pending.id[slot]!)
    target.link.sendControl(bytes, start, end)
    pending.place[slot] = target.link.sentBytes
    if ((flags & Flag.MORE) !== 0) return
    pending.state[slot]! &= ~PendingState.ASKING
    if ((pending.state[slot]! & PendingState.NO_ACK) !== 0) pending.remove(slot)
  }

  #hasRoom(peer: Peer, target: Peer, bytes: number): boolean {
    if (target.fairShare?.isSettled === true) target.fairShare = undefined
    target.fairShare ??= new FairShare(target.port, target.limits.markBytes)
    return target.fairShare.hasRoom(peer, bytes)
  }

  /** The source no longer waits: the target is told, the place is freed, the slot stays until the answer or its end. */
  #abandon(slot: number): void {
    const { pending } = this
    const target = pending.target[slot]!
    target.port.sendControl(encodeRawFrame({ type: FrameType.CANCEL, id: pending.id[slot]! }))
    const tick = this.#options.sweep.tick
    if ((pending.state[slot]! & (PendingState.ASKING | PendingState.NO_ACK)) !== 0) {
      // It never had the whole request: no answer will come.
      pending.remove(slot)
      return
    }
    if (pending.expiresAt[slot] === 0) pending.expiresAt[slot] = tick + this.#options.sweep.ticksFor(CANCELLED_MS)
    pending.dropSource(slot)
  }

  #rerouteUnsent(gone: Peer): void {
    const { pending } = this
    gone.link.forEachUnsent((bytes, start, end) => {
      forEachFrame(bytes, start, end, (at, frameEnd) => {
        const type = readType(bytes, at)
        if (type !== FrameType.CALL && type !== FrameType.MESSAGE) return
        const flags = readFlags(bytes, at)
        if ((flags & (Flag.CONT | Flag.MORE | Flag.NO_ACK)) !== 0) return
        const slot = pending.find(readId(bytes, at), gone)
        const source = slot < 0 ? undefined : pending.source[slot]
        // The gateway's own requests have an owner who chooses anew.
        if (source === undefined || !('role' in source)) return
        const route = this.#routeOf(type, bytes, bodyOffset(bytes, at) + 2, keyLength(bytes, at, frameEnd))
        const next = route === undefined ? undefined : chooseTaker(route, source as Peer, this.#options.hashBy)
        if (next === undefined) return
        writeId(bytes, at, pending.sourceId[slot]!)
        const expiresAt = pending.expiresAt[slot]!
        if (expiresAt !== 0) writeBudgetMs(bytes, at, Math.max(1, (expiresAt - this.#options.sweep.tick) * this.#options.sweep.tickMs - GRACE_MS))
        pending.remove(slot)
        this.#counters.rerouted++
        this.#forward(source as Peer, next, bytes, at, frameEnd, flags)
      })
    })
  }

  #expiryOf(bytes: Uint8Array, start: number): number {
    const budgetMs = readBudgetMs(bytes, start)
    if (budgetMs === NO_BUDGET) return 0
    const { sweep } = this.#options
    return sweep.tick + sweep.ticksFor(budgetMs + GRACE_MS) + 1
  }

  #partiesOf(slot: number): { source: Party | undefined; target: Party } {
    return { source: this.pending.source[slot], target: this.pending.target[slot]! }
  }

  #fail(slot: number, source: Party, error: FrontierError): void {
    const state = this.pending.state[slot]!
    if ((state & PendingState.NO_ACK) !== 0) return
    const type = (state & PendingState.MESSAGE) !== 0 ? FrameType.ACK : FrameType.ANSWER
    source.port.sendControl(encodeError(type, this.pending.sourceId[slot]!, error, true))
  }

  #refuse(peer: Peer, bytes: Uint8Array, start: number, flags: number, error: FrontierError): void {
    if ((flags & Flag.NO_ACK) !== 0) {
      this.#counters.dropped++
      return
    }
    const type = readType(bytes, start) === FrameType.MESSAGE ? FrameType.ACK : FrameType.ANSWER
    peer.link.sendControl(encodeError(type, readId(bytes, start), error, true))
  }

  #refuseFull(peer: Peer, bytes: Uint8Array, start: number, flags: number): void {
    if (this.#routes.isDraining) {
      this.#refuse(peer, bytes, start, flags, new FrontierError('DRAINING', 'the gateway is going away'))
      return
    }
    this.#refuse(peer, bytes, start, flags, this.#bufferFull())
  }

  #bufferFull(): FrontierError {
    this.#counters.bufferFull++
    return new FrontierError('BUFFER_FULL', 'the receiver is behind: its queue or its places for unanswered requests are full')
  }

  #refuseUnknown(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    this.#counters.notOnline++
    const bodyStart = bodyOffset(bytes, start)
    const key = utf8(bytes.subarray(bodyStart + 2, bodyStart + 2 + keyLength(bytes, start, end)))
    let error: FrontierError
    if (peer.role === 'service') {
      const id = (BigInt(readPeerHigh(bytes, start)) << 32n) | BigInt(readPeerLow(bytes, start))
      const isThere = this.#routes.edges.get(id) !== undefined
      error = isThere ? new FrontierError('RPC_NOT_ONLINE', `${key} is a reserved name`) : new FrontierError('EDGE_NOT_ONLINE', `edge ${id} is not online`)
    } else if (readType(bytes, start) === FrameType.CALL) error = new FrontierError('RPC_NOT_ONLINE', `no service has registered ${JSON.stringify(key)}`)
    else error = new FrontierError('TOPIC_NOT_ONLINE', `nobody receives ${JSON.stringify(key)}`)
    this.#refuse(peer, bytes, start, readFlags(bytes, start), error)
  }
}

/** Whether the key of a CALL is a name that only the gateway may call. Three lengths are told apart before any text is made. */
function isReserved(bytes: Uint8Array, start: number, end: number): boolean {
  const length = keyLength(bytes, start, end)
  if (!RESERVED_LENGTHS.has(length)) return false
  const from = bodyOffset(bytes, start) + 2
  return (RESERVED_METHODS as readonly string[]).includes(utf8(bytes.subarray(from, from + length)))
}

/** Visits the frames in a run of whole control frames. */
function forEachFrame(bytes: Uint8Array, start: number, end: number, visit: (at: number, frameEnd: number) => void): void {
  for (let at = start; at < end; ) {
    const bodyLength = ((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) >>> 0
    const frameEnd = bodyOffset(bytes, at) + bodyLength
    visit(at, frameEnd)
    at = frameEnd
  }
}
