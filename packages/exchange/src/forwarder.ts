// The hot path: one call through the gateway is `request` and `answer`; all that is rare for a call branches off there. Above 300 lines, because what
// shares the table of pending requests and must keep it whole is best read together. No object, promise, closure, timer or copy is made for it: the frame is
// rewritten where it lies in the received chunk, and the same bytes are queued on the other link.
import {
  bodyOffset,
  encodeError,
  encodeRawFrame,
  Flag,
  FrameType,
  FrontierError,
  type FrontierErrorCode,
  HEADER_BYTES,
  keyLength,
  NO_BUDGET,
  readBodyLength,
  readBudgetMs,
  readFlags,
  readId,
  readPeerHigh,
  readPeerLow,
  readType,
  RESERVED_METHODS,
  TRACE_BYTES,
  utf8,
  writeBudgetMs,
  writeFlags,
  writeId,
  writePeerParts,
} from '@frontier/wire'
import { checkBody } from './body-check.js'
import { chooseTaker } from './choice.js'
import type { ExchangeCounters } from './exchange-counters.js'
import type { ResolvedExchangeOptions } from './exchange-options.js'
import { hasRoom, noteQueued } from './fair-share.js'
import type { IdTable } from './id-table.js'
import { LatencySampler } from './latency-sampler.js'
import type { Party } from './party.js'
import type { PatternRoutes } from './pattern-routes.js'
import { PendingState, PendingTable } from './pending-table.js'
import type { Peer } from './peer.js'
import type { Route, RouteTable } from './route-table.js'

/** How long a slot outlives its request's deadline, and a cancelled request without one, in milliseconds. */
const GRACE_MS = 1000
const CANCELLED_MS = 30_000
/** A source holds at most this part of a receiver's places, and of its mark with new requests; fragments that follow may take it to half the mark. */
const SHARE = 8
const FRAGMENT_SHARE = 2
/** What could be sent again, or fail by itself, stops at this part of the hard mark: a flood of it must not close the peer it is sent to. */
const FLOOD_SHARE = 2
/** What a frame has beside its payload's body: header, trace field, lengths. */
const OVERHEAD_BYTES = HEADER_BYTES + TRACE_BYTES + 6
/** Topic that takes what no exact one does. */
const ANY_TOPIC = Uint8Array.of(0x2a)
const RESERVED_LENGTHS = new Set<number>(RESERVED_METHODS.map((name) => name.length))

// Made once: an error costs more than all the rest of a refusal, and floods are refused with these.
const BEHIND = new FrontierError('BUFFER_FULL', 'the receiver is behind: its queue or its places for unanswered requests are full')
const BEHIND_MAYBE = new FrontierError('BUFFER_FULL', 'no room for the answer: too much waits for the caller already', { delivered: 'maybe' })
const GOING = new FrontierError('DRAINING', 'the gateway is going away')
const EXPIRED = new FrontierError('TIMEOUT', 'the request did not come to its end within the time budget')
const EXPIRED_MAYBE = new FrontierError('TIMEOUT', 'no answer within the time budget', { delivered: 'maybe' })

/** Where requests can go. */
export interface Routes {
  readonly methods: RouteTable
  readonly topics: RouteTable
  /** Asked for topics that no exact name takes. */
  readonly topicPatterns: PatternRoutes
  readonly edges: IdTable<Peer>
  /** Whether new requests are refused with DRAINING. */
  readonly isDraining: boolean
  /** Closes a peer that has not taken what it was sent. */
  cutOff(peer: Party): void
}

/** Carries requests to their targets and answers back, and knows which answers are missing. */
export class Forwarder {
  readonly pending: PendingTable = new PendingTable()
  readonly latency: LatencySampler = new LatencySampler(this.pending)
  readonly #routes: Routes
  readonly #options: ResolvedExchangeOptions
  readonly #counters: ExchangeCounters
  /** Longest body of a request or an answer, all fragments together, and longest frame that can be one. */
  readonly #maxBodyBytes: number
  readonly #maxRequestBytes: number

  constructor(routes: Routes, options: ResolvedExchangeOptions, counters: ExchangeCounters) {
    this.#routes = routes
    this.#options = options
    this.#counters = counters
    this.#maxBodyBytes = options.maxPayloadBytes + 6
    this.#maxRequestBytes = options.maxPayloadBytes + OVERHEAD_BYTES
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
    const length = checkBody(bytes, start, end, (flags & Flag.MORE) === 0)
    let target: Peer | undefined
    if (peer.role === 'edge') {
      const route = this.#routeOf(type, bytes, bodyOffset(bytes, start) + 2, length)
      target = route === undefined ? undefined : chooseTaker(route, peer, this.#options)
      if (target === undefined) {
        this.#refuseUnknown(peer, bytes, start, end)
        return
      }
    } else {
      target = this.#routes.edges.find(readPeerHigh(bytes, start), readPeerLow(bytes, start))
      if (target === undefined || (type === FrameType.CALL && isReserved(bytes, start, length))) {
        this.#refuseUnknown(peer, bytes, start, end)
        return
      }
    }
    writePeerParts(bytes, start, peer.idHigh, peer.idLow)
    this.#forward(peer, target, bytes, start, end, flags)
  }

  /**
   * Takes an ANSWER or ACK frame, or a fragment of one, of `target`. Unknown ids are ignored.
   * @throws PROTOCOL_ERROR when its fragments are out of order, or its body is malformed.
   */
  answer(target: Party, bytes: Uint8Array, start: number, end: number): void {
    const { pending } = this
    const slot = pending.find(readId(bytes, start), target)
    if (slot < 0) return
    const flags = readFlags(bytes, start)
    if ((flags & (Flag.MORE | Flag.CONT | Flag.ERROR)) !== 0 || (pending.state[slot]! & (PendingState.ANSWERING | PendingState.CANCELLED | PendingState.SAMPLED)) !== 0) {
      if (!this.#isRareAnswerFit(slot, bytes, start, end)) return
    } else checkBody(bytes, start, end, true)
    const source = pending.source[slot]!
    writeId(bytes, start, pending.sourceId[slot]!)
    if ((flags & Flag.MORE) === 0) {
      this.#counters.answers++
      pending.remove(slot)
    } else this.#counters.fragments++
    source.port.sendControl(bytes, start, end)
    // Answers are never dropped: whoever asks without reading what comes back is closed.
    if (source.port.queuedBytes > source.hardMarkBytes) this.#routes.cutOff(source)
  }

  /** Takes a CANCEL frame of `peer`: its place is free at once, the target is told. */
  cancel(peer: Peer, bytes: Uint8Array, start: number): void {
    const slot = this.pending.findAsked(readId(bytes, start), peer)
    if (slot >= 0) this.#abandon(slot)
  }

  /**
   * Takes a PROGRESS frame of `peer`, about a request it was given or, with REPLY, about the answer to one of its own.
   * @throws PROTOCOL_ERROR when its body is not a count.
   */
  progress(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const { pending } = this
    if (end - bodyOffset(bytes, start) !== 4) throw new FrontierError('PROTOCOL_ERROR', 'a PROGRESS body has 4 bytes')
    const isOfAnswer = (readFlags(bytes, start) & Flag.REPLY) !== 0
    const slot = isOfAnswer ? pending.findAsked(readId(bytes, start), peer) : pending.find(readId(bytes, start), peer)
    if (slot < 0 || (pending.state[slot]! & PendingState.CANCELLED) !== 0) return
    const other = isOfAnswer ? pending.target[slot]! : pending.source[slot]!
    if (other.port.queuedBytes > other.hardMarkBytes / FLOOD_SHARE) return
    writeId(bytes, start, isOfAnswer ? pending.id[slot]! : pending.sourceId[slot]!)
    other.port.sendControl(bytes, start, end)
  }

  /** Sends a request that the gateway itself makes, in one frame or several; their id is replaced. It fails with TIMEOUT after `timeoutMs`. */
  requestFrom(source: Party, sourceId: number, target: Peer, frames: readonly Uint8Array[], timeoutMs: number): void {
    const { pending } = this
    const { sweep } = this.#options
    const expiresAt = timeoutMs < NO_BUDGET ? sweep.tick + sweep.ticksFor(timeoutMs) + 1 : 0
    const slot = pending.add(source, sourceId, target, 0, expiresAt)
    for (const frame of frames) {
      writeId(frame, 0, pending.id[slot]!)
      target.link.sendControl(frame)
    }
    pending.place[slot] = target.link.sentBytes
  }

  /** The gateway itself no longer waits for what it asked: as {@link cancel}. */
  abandon(source: Party, sourceId: number): void {
    const slot = this.pending.findAsked(sourceId, source)
    if (slot >= 0) this.#abandon(slot)
  }

  /** The gateway itself has so many bytes of a fragmented answer; whoever sends it waits for that. */
  confirm(source: Party, sourceId: number, bytes: number): void {
    const slot = this.pending.findAsked(sourceId, source)
    if (slot < 0) return
    const body = new Uint8Array(4)
    new DataView(body.buffer).setUint32(0, bytes)
    this.pending.target[slot]!.port.sendControl(encodeRawFrame({ type: FrameType.PROGRESS, flags: Flag.REPLY, id: this.pending.id[slot]!, body }))
  }

  /** Gives up what has passed its deadline by more than a second. Called once per tick. */
  expire(tick: number): void {
    const { pending } = this
    pending.forEachExpired(tick, (slot) => {
      const state = pending.state[slot]!
      if ((state & PendingState.CANCELLED) === 0) {
        this.#counters.expired++
        if ((state & PendingState.SAMPLED) !== 0) this.latency.end(slot)
        this.#sendCancel(slot)
        this.#fail(slot, (state & PendingState.ASKING) !== 0 ? EXPIRED : EXPIRED_MAYBE)
      }
      pending.remove(slot)
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
    // Errors know where they were made, which takes 20 us: most edges that go owe nothing (docs/performance.md).
    if (peer.owed === 0) return
    const handed = peer.link.handedBytes
    const failures = { no: new FrontierError(code, reason, { retryable: true }), maybe: new FrontierError(code, reason, { delivered: 'maybe', retryable: true }) }
    // Oldest first: whoever sends them again does so in this order.
    for (const slot of pending.owedBy(peer)) {
      const state = pending.state[slot]!
      if ((state & PendingState.CANCELLED) === 0) {
        const isUnsent = pending.place[slot]! > handed || (state & PendingState.ASKING) !== 0
        this.#fail(slot, isUnsent ? failures.no : failures.maybe)
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
      (target.owed >= limits.maxOwed / SHARE && peer.held >= limits.maxOwed / SHARE && pending.holds(peer, target, limits.maxOwed / SHARE)) ||
      (queuedBytes > limits.markBytes / SHARE && !hasRoom(target, peer, end - start, limits.markBytes / SHARE)) ||
      end - start > this.#maxRequestBytes
    ) {
      this.#refuseFull(peer, bytes, start, end)
      return
    }
    const isCall = readType(bytes, start) === FrameType.CALL
    const isAcked = (flags & Flag.NO_ACK) === 0 || isCall
    if (isAcked || (flags & Flag.MORE) !== 0) {
      const state = (isCall ? 0 : PendingState.MESSAGE) | ((flags & Flag.MORE) !== 0 ? PendingState.ASKING : 0) | (isAcked ? 0 : PendingState.NO_ACK)
      const slot = pending.add(peer, readId(bytes, start), target, state, this.#expiryOf(bytes, start))
      pending.bodyBytes[slot] = end - bodyOffset(bytes, start)
      writeId(bytes, start, pending.id[slot]!)
      link.sendControl(bytes, start, end)
      pending.place[slot] = link.sentBytes
    } else {
      // The id it has is one of the sender's own row: at the target another request may have it.
      writeId(bytes, start, 0)
      link.sendControl(bytes, start, end)
    }
    if (target.fairShare !== undefined) noteQueued(target, peer, end - start, queuedBytes)
  }

  #routeOf(type: number, bytes: Uint8Array, keyStart: number, length: number): Route | undefined {
    if (type === FrameType.CALL) return this.#routes.methods.find(bytes, keyStart, length)
    const { topics, topicPatterns } = this.#routes
    return topics.find(bytes, keyStart, length) ?? topicPatterns.find(bytes, keyStart, length) ?? topics.find(ANY_TOPIC, 0, 1)
  }

  #continueRequest(peer: Peer, bytes: Uint8Array, start: number, end: number, flags: number): void {
    const { pending } = this
    const slot = pending.findAsked(readId(bytes, start), peer)
    // Refused, cancelled or answered while its fragments were on the way.
    if (slot < 0 || (pending.state[slot]! & PendingState.ASKING) === 0) return
    if (((pending.state[slot]! & PendingState.MESSAGE) !== 0) !== (readType(bytes, start) === FrameType.MESSAGE)) {
      throw new FrontierError('PROTOCOL_ERROR', 'the fragments of a request have different types')
    }
    this.#counters.fragments++
    const target = pending.target[slot] as Peer
    const { queuedBytes } = target.link
    const { markBytes } = target.limits
    const bodyBytes = pending.bodyBytes[slot]! + end - bodyOffset(bytes, start)
    pending.bodyBytes[slot] = bodyBytes
    const isTooLarge = bodyBytes > this.#maxBodyBytes
    if (isTooLarge || queuedBytes > markBytes || (queuedBytes > markBytes / SHARE && !hasRoom(target, peer, end - start, markBytes / FRAGMENT_SHARE))) {
      this.#fail(slot, isTooLarge ? this.#payloadTooLarge(bodyBytes) : this.#bufferFull())
      this.#abandon(slot)
      return
    }
    writeId(bytes, start, pending.id[slot]!)
    target.link.sendControl(bytes, start, end)
    pending.place[slot] = target.link.sentBytes
    if (target.fairShare !== undefined) noteQueued(target, peer, end - start, queuedBytes)
    if ((flags & Flag.MORE) !== 0) return
    pending.state[slot]! &= ~PendingState.ASKING
    if ((pending.state[slot]! & PendingState.NO_ACK) !== 0) pending.remove(slot)
  }

  /**
   * What is rare about an answer: errors, fragments, that its time is taken, and that nobody waits for it.
   * @returns whether it is to be passed on.
   * @throws PROTOCOL_ERROR when fragments are out of order.
   */
  #isRareAnswerFit(slot: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { pending } = this
    const flags = readFlags(bytes, start)
    const state = pending.state[slot]!
    const isLast = (flags & Flag.MORE) === 0
    if ((state & PendingState.CANCELLED) !== 0) {
      // The place is given back with the last fragment.
      if (isLast) pending.remove(slot)
      return false
    }
    if (isLast && (state & PendingState.SAMPLED) !== 0) this.latency.end(slot)
    const isError = (flags & Flag.ERROR) !== 0
    const isFirst = (flags & Flag.CONT) === 0
    const isAnswering = (state & PendingState.ANSWERING) !== 0
    // An error may stand in for the rest of an answer.
    if (isFirst === isAnswering && !(isFirst && isLast && isError)) throw new FrontierError('PROTOCOL_ERROR', 'the fragments of an answer are out of order')
    if (isFirst) checkBody(bytes, start, end, isLast)
    // What a peer says is not what the gateway says; a bridge is part of the gateway.
    if (isError && (pending.target[slot] as Partial<Peer>).isBridge !== true) writeFlags(bytes, start, flags & ~Flag.GATEWAY)
    if (isFirst && isLast) return true
    const answerBytes = (isFirst ? 0 : pending.answerBytes[slot]!) + end - bodyOffset(bytes, start)
    pending.answerBytes[slot] = answerBytes
    pending.state[slot] = state | PendingState.ANSWERING
    const { port, hardMarkBytes } = pending.source[slot]!
    const isTooLarge = answerBytes > this.#maxBodyBytes
    if (!isTooLarge && port.queuedBytes <= hardMarkBytes / FLOOD_SHARE) return true
    if (!isTooLarge) this.#counters.bufferFull++
    this.#sendCancel(slot)
    this.#fail(slot, isTooLarge ? this.#payloadTooLarge(answerBytes, 'maybe') : BEHIND_MAYBE)
    pending.remove(slot)
    return false
  }

  /** The source no longer waits: the target is told, the source may ask anew, the slot stays until the answer or its end. */
  #abandon(slot: number): void {
    const { pending } = this
    this.#sendCancel(slot)
    if ((pending.state[slot]! & (PendingState.ASKING | PendingState.NO_ACK)) !== 0) {
      // It never had the whole request: no answer will come.
      pending.remove(slot)
      return
    }
    const { sweep } = this.#options
    const latest = sweep.tick + sweep.ticksFor(CANCELLED_MS)
    const expiresAt = pending.expiresAt[slot]!
    if (expiresAt === 0 || expiresAt > latest) pending.expiresAt[slot] = latest
    pending.dropSource(slot)
  }

  #sendCancel(slot: number): void {
    this.pending.target[slot]!.port.sendControl(encodeRawFrame({ type: FrameType.CANCEL, id: this.pending.id[slot]! }))
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
        if (slot < 0 || (pending.state[slot]! & PendingState.CANCELLED) !== 0) return
        const source = pending.source[slot]!
        // The gateway's own requests have an owner who chooses anew.
        if (!('role' in source)) return
        const route = this.#routeOf(type, bytes, bodyOffset(bytes, at) + 2, keyLength(bytes, at, frameEnd))
        const next = route === undefined ? undefined : chooseTaker(route, source as Peer, this.#options)
        const budgetMs = this.#budgetLeft(slot, readBudgetMs(bytes, at))
        if (next === undefined || budgetMs <= 0) return
        writeId(bytes, at, pending.sourceId[slot]!)
        writeBudgetMs(bytes, at, budgetMs)
        pending.remove(slot)
        this.#counters.rerouted++
        this.#forward(source as Peer, next, bytes, at, frameEnd, flags)
      })
    })
  }

  /** What is left of the `budgetMs` that the request in `slot` came with. */
  #budgetLeft(slot: number, budgetMs: number): number {
    const expiresAt = this.pending.expiresAt[slot]!
    if (expiresAt === 0) return budgetMs
    const { sweep } = this.#options
    return Math.min(budgetMs, (expiresAt - 1 - sweep.tick) * sweep.tickMs - GRACE_MS)
  }

  #expiryOf(bytes: Uint8Array, start: number): number {
    const budgetMs = readBudgetMs(bytes, start)
    if (budgetMs === NO_BUDGET) return 0
    const { sweep } = this.#options
    return sweep.tick + sweep.ticksFor(budgetMs + GRACE_MS) + 1
  }

  #fail(slot: number, error: FrontierError): void {
    const state = this.pending.state[slot]!
    if ((state & PendingState.NO_ACK) !== 0) return
    const type = (state & PendingState.MESSAGE) !== 0 ? FrameType.ACK : FrameType.ANSWER
    this.pending.source[slot]!.port.sendControl(encodeError(type, this.pending.sourceId[slot]!, error, true))
  }

  #refuse(peer: Peer, bytes: Uint8Array, start: number, flags: number, error: FrontierError): void {
    if ((flags & Flag.NO_ACK) !== 0) {
      this.#counters.dropped++
      return
    }
    const type = readType(bytes, start) === FrameType.MESSAGE ? FrameType.ACK : FrameType.ANSWER
    peer.link.sendControl(encodeError(type, readId(bytes, start), error, true))
  }

  #refuseFull(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    let error: FrontierError
    if (this.#routes.isDraining) error = GOING
    else if (end - start > this.#maxRequestBytes) error = this.#payloadTooLarge(end - start)
    else error = this.#bufferFull()
    this.#refuse(peer, bytes, start, readFlags(bytes, start), error)
  }

  #payloadTooLarge(bytes: number, delivered: 'no' | 'maybe' = 'no'): FrontierError {
    return new FrontierError('PAYLOAD_TOO_LARGE', `${bytes} bytes and maybe more, at most ${this.#options.maxPayloadBytes} are allowed`, { delivered })
  }

  #bufferFull(): FrontierError {
    this.#counters.bufferFull++
    return BEHIND
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
function isReserved(bytes: Uint8Array, start: number, length: number): boolean {
  if (!RESERVED_LENGTHS.has(length)) return false
  const from = bodyOffset(bytes, start) + 2
  return (RESERVED_METHODS as readonly string[]).includes(utf8(bytes.subarray(from, from + length)))
}

/** Visits the frames in a run of whole control frames. */
function forEachFrame(bytes: Uint8Array, start: number, end: number, visit: (at: number, frameEnd: number) => void): void {
  for (let at = start; at < end; ) {
    const frameEnd = bodyOffset(bytes, at) + readBodyLength(bytes, at)
    visit(at, frameEnd)
    at = frameEnd
  }
}
