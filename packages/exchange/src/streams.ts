import { readYamuxId, StreamHalf, switchFrame, switchSplitFrame, takeSessionFrame, type SwitchOutcome } from '@frontier/mux'
import {
  decodeError,
  encodeError,
  Flag,
  FrameType,
  FrontierError,
  NO_BUDGET,
  readBudgetMs,
  readFlags,
  readId,
  readPeer,
  readPeerHigh,
  readPeerLow,
  readType,
  toBytes,
  utf8,
  bodyOffset,
  writeFlags,
  writeId,
  type SplitFrame,
} from '@frontier/wire'
import { checkBody } from './body-check.js'
import { chooseTaker } from './choice.js'
import type { ExchangeCounters } from './exchange-counters.js'
import type { ResolvedExchangeOptions } from './exchange-options.js'
import { hasRoom, noteQueued } from './fair-share.js'
import type { IdTable } from './id-table.js'
import { renamedOpen } from './open-frame.js'
import type { Peer } from './peer.js'
import type { RouteTable } from './route-table.js'

/** How long an OPEN outlives its budget, in milliseconds. */
const GRACE_MS = 1000
/** Name and meta of an OPEN, their lengths included: 256 KiB and a little. */
const MAX_OPEN_BYTES = 262_144 + 1024 + 6
/** Parts of a receiver's mark that one opener may fill, with the first and with further fragments of OPEN. */
const SHARE = 8
const FRAGMENT_SHARE = 2

/** A stream that waits for ACCEPT. */
interface Opening {
  /** Tick at which it is given up. */
  expiresAt: number
  /** Body of OPEN so far, as long as fragments of it follow; then 0. */
  bodyBytes: number
}

/** Where streams can go. */
export interface StreamRoutes {
  readonly names: RouteTable
  readonly edges: IdTable<Peer>
  readonly isDraining: boolean
  /** Closes a peer that has not taken what it was sent. */
  cutOff(peer: Peer): void
}

/** Opens streams between two peers and passes their frames on. It keeps ids, credit and FINs, and nothing of the data. */
export class Streams {
  readonly #routes: StreamRoutes
  readonly #options: ResolvedExchangeOptions
  readonly #counters: ExchangeCounters
  readonly #peerOf = new WeakMap<StreamHalf, Peer>()
  /** By the openers' halves. */
  readonly #openings = new Map<StreamHalf, Opening>()

  constructor(routes: StreamRoutes, options: ResolvedExchangeOptions, counters: ExchangeCounters) {
    this.#routes = routes
    this.#options = options
    this.#counters = counters
  }

  /**
   * Takes an OPEN frame: finds the target, gives the stream an id there, and passes OPEN on; or answers REFUSE at once. Further fragments are passed on as they come.
   * @throws PROTOCOL_ERROR
   */
  open(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const flags = readFlags(bytes, start)
    if ((flags & Flag.CONT) !== 0) {
      this.#continueOpen(peer, bytes, start, end)
      return
    }
    const id = readId(bytes, start)
    // The dialler gives odd ids. One that is in use, or even, is no mistake that could be answered on the stream.
    if ((id & 1) === 0 || peer.streams?.has(id) === true) throw new FrontierError('PROTOCOL_ERROR', `OPEN with stream id ${id}`)
    const isWhole = (flags & Flag.MORE) === 0
    const keyAt = bodyOffset(bytes, start) + 2
    const key = bytes.subarray(keyAt, keyAt + checkBody(bytes, start, end, isWhole))
    const target = this.#targetOf(peer, bytes, start, key)
    if (target instanceof FrontierError) {
      this.#refuse(peer, id, target)
      return
    }
    const { queuedBytes, maxFrameBytes } = target.link
    const shareBytes = target.limits.markBytes / SHARE
    if (queuedBytes > shareBytes && !hasRoom(target, peer, end - start, shareBytes)) {
      this.#refuse(peer, id, behind())
      return
    }
    this.#counters.streamsOpened++
    const targetId = freeStreamId(target)
    target.lastStreamId = targetId
    const [half, other] = StreamHalf.pair(peer.link, id, target.link, targetId)
    this.#add(peer, half)
    this.#add(target, other)
    const { sweep } = this.#options
    const budgetMs = readBudgetMs(bytes, start)
    const expiresAt = budgetMs === NO_BUDGET ? Number.POSITIVE_INFINITY : sweep.tick + sweep.ticksFor(budgetMs + GRACE_MS) + 1
    this.#openings.set(half, { expiresAt, bodyBytes: isWhole ? 0 : end - bodyOffset(bytes, start) })
    const names = peer.role === 'edge' ? { edgeId: peer.id, service: key } : { edgeId: target.id, service: toBytes(peer.name) }
    for (const frame of renamedOpen(bytes, start, end, { id: targetId, maxFrameBytes, ...names })) target.link.sendControl(frame)
    if (target.fairShare !== undefined) noteQueued(target, peer, end - start, queuedBytes)
  }

  /** Takes ACCEPT or REFUSE from the acceptor. @throws PROTOCOL_ERROR for a malformed body. */
  settle(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const half = peer.streams?.get(readId(bytes, start))
    // Only the acceptor's half has an id of ours; a stream is settled once.
    if (half === undefined || half.isOpen || !isAcceptors(half)) return
    checkBody(bytes, start, end, true)
    const opener = this.#peerOf.get(half.twin)!
    if (readType(bytes, start) === FrameType.ACCEPT) {
      half.open()
      this.#openings.delete(half.twin)
    } else {
      // What a peer says is not what the gateway says.
      writeFlags(bytes, start, (readFlags(bytes, start) | Flag.ERROR) & ~Flag.GATEWAY)
      this.#remove(half)
    }
    writeId(bytes, start, half.twin.id)
    opener.link.sendControl(bytes, start, end)
  }

  /**
   * Takes STREAM_RESET: the stream is over at once, and the other end is told, with RST too where the stream was open. The RST of the sender, which may not come when
   * it gave up while ACCEPT was on the way, finds no stream any more. @throws PROTOCOL_ERROR for a malformed body.
   */
  reset(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const half = peer.streams?.get(readId(bytes, start))
    if (half === undefined) return
    const error = decodeError(bytes, start, end)
    const { twin } = half
    // An opener still waits for ACCEPT or REFUSE.
    const isRefusal = !half.isOpen && isAcceptors(half)
    this.#peerOf.get(twin)!.link.sendControl(encodeError(isRefusal ? FrameType.REFUSE : FrameType.STREAM_RESET, twin.id, error, false))
    if (half.isOpen) twin.sendReset()
    this.#remove(half)
  }

  /** Gives up streams whose acceptor has not said anything within the budget of OPEN and a second more. Called once per tick. */
  expire(tick: number): void {
    for (const [half, { expiresAt }] of this.#openings) {
      if (expiresAt > tick) continue
      this.#counters.expired++
      this.#giveUp(half, new FrontierError('TIMEOUT', 'the stream was neither accepted nor refused within the time budget'))
    }
  }

  /** Takes a frame of the stream lane. */
  onFrame(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const id = readYamuxId(bytes, start)
    if (id === 0) {
      takeSessionFrame(peer.link, bytes, start)
      if (peer.link.queuedStreamBytes > peer.limits.maxStreamQueueBytes) this.#routes.cutOff(peer)
      return
    }
    const half = peer.streams?.get(id)
    // Frames of streams that are over are on the way for a while.
    if (half !== undefined && half.isOpen) this.#settleFrame(half, switchFrame(half, bytes, start, end))
  }

  /** Takes a frame of the stream lane that lies in two chunks. */
  onSplitFrame(peer: Peer, frame: SplitFrame): void {
    const { head, start } = frame
    const id = readYamuxId(head, start)
    // Throws: it has a body, which no frame of the session has.
    if (id === 0) takeSessionFrame(peer.link, head, start)
    const half = peer.streams?.get(id)
    if (half !== undefined && half.isOpen) this.#settleFrame(half, switchSplitFrame(half, frame))
  }

  /** The link of `peer` is over: the other ends of its streams see them break off, behind what is on its way to them. */
  peerGone(peer: Peer): void {
    const { streams } = peer
    if (streams === undefined) return
    for (const half of [...streams.values()]) {
      if (half.isOpen) half.twin.sendReset()
      else if (isAcceptors(half)) this.#tell(half.twin, FrameType.REFUSE, new FrontierError('EOF', 'the acceptor went away'))
      else this.#tell(half.twin, FrameType.STREAM_RESET, new FrontierError('EOF', 'the opener went away'))
      this.#remove(half)
    }
  }

  #settleFrame(half: StreamHalf, outcome: SwitchOutcome): void {
    if (outcome === 'over') this.#remove(half)
    else if (outcome === 'violation') this.#breakOff(half, new FrontierError('PROTOCOL_ERROR', 'more was sent than the credit allowed'))
    else if (half.twin.port.queuedStreamBytes > this.#peerOf.get(half.twin)!.limits.maxStreamQueueBytes) {
      this.#breakOff(half, new FrontierError('SLOW_CONSUMER', 'too much stream data waits for the other end'))
    }
  }

  #continueOpen(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const half = peer.streams?.get(readId(bytes, start))
    const opening = half === undefined ? undefined : this.#openings.get(half)
    // Refused, or given up, while its fragments were on the way.
    if (half === undefined || opening === undefined || opening.bodyBytes === 0) return
    const target = this.#peerOf.get(half.twin)!
    const { queuedBytes } = target.link
    const { markBytes } = target.limits
    opening.bodyBytes += end - bodyOffset(bytes, start)
    if (opening.bodyBytes > MAX_OPEN_BYTES) {
      this.#giveUp(half, new FrontierError('PAYLOAD_TOO_LARGE', `name and meta of a stream have more than ${MAX_OPEN_BYTES} bytes`))
    } else if (queuedBytes > markBytes || (queuedBytes > markBytes / SHARE && !hasRoom(target, peer, end - start, markBytes / FRAGMENT_SHARE))) {
      this.#giveUp(half, behind())
    } else {
      if ((readFlags(bytes, start) & Flag.MORE) === 0) opening.bodyBytes = 0
      writeId(bytes, start, half.twin.id)
      target.link.sendControl(bytes, start, end)
      if (target.fairShare !== undefined) noteQueued(target, peer, end - start, queuedBytes)
    }
  }

  #targetOf(peer: Peer, bytes: Uint8Array, start: number, key: Uint8Array): Peer | FrontierError {
    if (this.#routes.isDraining) return new FrontierError('DRAINING', 'the gateway is going away')
    let target: Peer | undefined
    if (peer.role === 'edge') {
      const route = this.#routes.names.find(key, 0, key.length)
      target = route === undefined ? undefined : chooseTaker(route, peer, this.#options)
      if (target === undefined) return new FrontierError('SERVICE_NOT_ONLINE', `no service ${JSON.stringify(utf8(key))} is online`)
    } else {
      target = this.#routes.edges.find(readPeerHigh(bytes, start), readPeerLow(bytes, start))
      if (target === undefined) return new FrontierError('EDGE_NOT_ONLINE', `edge ${readPeer(bytes, start)} is not online`)
    }
    if ((peer.streams?.size ?? 0) >= peer.limits.maxStreams) {
      return new FrontierError('BUFFER_FULL', `this link has ${peer.limits.maxStreams} streams, more are not allowed`)
    }
    if ((target.streams?.size ?? 0) >= target.limits.maxStreams || target.link.queuedBytes > target.limits.markBytes) {
      return new FrontierError('BUFFER_FULL', 'the other end is behind, or has as many streams as are allowed')
    }
    return target
  }

  /** Sends an error of the gateway's own to the end of `half`. */
  #tell(half: StreamHalf, type: FrameType, error: FrontierError): void {
    this.#peerOf.get(half)!.link.sendControl(encodeError(type, half.id, error, true))
  }

  #refuse(peer: Peer, id: number, error: FrontierError): void {
    this.#counters.streamsRefused++
    peer.link.sendControl(encodeError(FrameType.REFUSE, id, error, true))
  }

  /** Ends a stream that was not accepted: `half` is the opener's. */
  #giveUp(half: StreamHalf, error: FrontierError): void {
    this.#counters.streamsRefused++
    this.#tell(half, FrameType.REFUSE, error)
    this.#tell(half.twin, FrameType.STREAM_RESET, error)
    this.#remove(half)
  }

  #breakOff(half: StreamHalf, error: FrontierError): void {
    this.#counters.streamViolations++
    for (const side of [half, half.twin]) {
      this.#tell(side, FrameType.STREAM_RESET, error)
      side.sendReset()
    }
    this.#remove(half)
  }

  #add(peer: Peer, half: StreamHalf): void {
    this.#peerOf.set(half, peer)
    peer.streams ??= new Map()
    peer.streams.set(half.id, half)
  }

  #remove(half: StreamHalf): void {
    for (const side of [half, half.twin]) {
      this.#openings.delete(side)
      const peer = this.#peerOf.get(side)!
      peer.streams?.delete(side.id)
      if (peer.streams?.size === 0) peer.streams = undefined
    }
  }
}

/** Whether the end of `half` is the one that was asked: only its id is of ours. */
function isAcceptors(half: StreamHalf): boolean {
  return (half.id & 1) === 0
}

/** The next even id on the link of `peer` that no stream has; they begin anew after 2^31. */
function freeStreamId(peer: Peer): number {
  let id = peer.lastStreamId
  do id = (id + 2) >>> 0
  while (id === 0 || peer.streams?.has(id) === true)
  return id
}

function behind(): FrontierError {
  return new FrontierError('BUFFER_FULL', 'the other end is behind')
}
