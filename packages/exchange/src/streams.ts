import { StreamHalf, streamIdOf, switchFrame, takeSessionFrame } from '@frontier/mux'
import {
  decodeError,
  encodeError,
  encodeFrame,
  FrameType,
  FrontierError,
  parseBody,
  readBudgetMs,
  readId,
  readPeer,
  readPeerHigh,
  readPeerLow,
  toBytes,
  utf8,
  writeId,
} from '@frontier/wire'
import { chooseTaker } from './choice.js'
import type { ExchangeCounters } from './exchange-counters.js'
import type { ResolvedExchangeOptions } from './exchange-options.js'
import type { IdTable } from './id-table.js'
import type { Peer } from './peer.js'
import type { RouteTable } from './route-table.js'

/** Where streams can go. */
export interface StreamRoutes {
  readonly names: RouteTable
  readonly edges: IdTable<Peer>
  readonly isDraining: boolean
}

/** Opens streams between two peers and passes their frames on. It keeps ids, credit and FINs, and nothing of the data. */
export class Streams {
  readonly #routes: StreamRoutes
  readonly #options: ResolvedExchangeOptions
  readonly #counters: ExchangeCounters
  readonly #peerOf = new WeakMap<StreamHalf, Peer>()

  constructor(routes: StreamRoutes, options: ResolvedExchangeOptions, counters: ExchangeCounters) {
    this.#routes = routes
    this.#options = options
    this.#counters = counters
  }

  /** Takes an OPEN frame: finds the target, gives the stream an id there, and passes OPEN on; or answers REFUSE at once. */
  open(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const id = readId(bytes, start)
    const { key, meta } = parseBody(bytes, start, end)
    // The dialler gives odd ids. One that is in use, or even, is no mistake that could be answered on the stream.
    if ((id & 1) === 0 || peer.streams?.has(id) === true) throw new FrontierError('PROTOCOL_ERROR', `OPEN with stream id ${id}`)
    const target = this.#targetOf(peer, bytes, start, key)
    if (target instanceof FrontierError) {
      this.#counters.streamsRefused++
      peer.link.sendControl(encodeError(FrameType.REFUSE, id, target, true))
      return
    }
    this.#counters.streamsOpened++
    const targetId = (target.lastStreamId += 2)
    const [half, other] = StreamHalf.pair(peer.link, id, target.link, targetId)
    this.#add(peer, half)
    this.#add(target, other)
    const [edgeId, service] = peer.role === 'edge' ? [peer.id, key] : [target.id, toBytes(peer.name)]
    target.link.sendControl(
      encodeFrame({ type: FrameType.OPEN, id: targetId, budgetMs: readBudgetMs(bytes, start), peer: edgeId, key: service, meta }),
    )
  }

  /** Takes ACCEPT or REFUSE from the acceptor. */
  settle(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const half = peer.streams?.get(readId(bytes, start))
    // Only the acceptor's half has an id of ours; a stream is settled once.
    if (half === undefined || half.isOpen || (half.id & 1) !== 0) return
    const opener = this.#peerOf.get(half.twin)!
    if (bytes[start + 1] === FrameType.ACCEPT) half.open()
    else this.#remove(half)
    writeId(bytes, start, half.twin.id)
    opener.link.sendControl(bytes, start, end)
  }

  /** Takes STREAM_RESET: passes it on; before ACCEPT it also ends the stream. */
  reset(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const half = peer.streams?.get(readId(bytes, start))
    if (half === undefined) return
    decodeError(bytes, start, end)
    writeId(bytes, start, half.twin.id)
    this.#peerOf.get(half.twin)!.link.sendControl(bytes, start, end)
    if (!half.isOpen) this.#remove(half)
  }

  /** Takes a frame of the stream lane. */
  onFrame(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const id = streamIdOf(bytes, start)
    if (id === 0) {
      takeSessionFrame(peer.link, bytes, start)
      return
    }
    const half = peer.streams?.get(id)
    // Frames of streams that are over are on the way for a while.
    if (half === undefined || !half.isOpen) return
    const outcome = switchFrame(half, bytes, start, end)
    if (outcome === 'over') this.#remove(half)
    else if (outcome === 'violation') this.#breakOff(half, new FrontierError('PROTOCOL_ERROR', 'more was sent than the credit allowed'))
    else if (half.twin.port.queuedStreamBytes > this.#peerOf.get(half.twin)!.limits.maxStreamQueueBytes) {
      this.#breakOff(half, new FrontierError('SLOW_CONSUMER', 'too much stream data waits for the other end'))
    }
  }

  /** The link of `peer` is over: the other ends of its streams see them break off, behind what is on its way to them. */
  peerGone(peer: Peer): void {
    const { streams } = peer
    if (streams === undefined) return
    for (const half of [...streams.values()]) {
      const { twin } = half
      const other = this.#peerOf.get(twin)!
      if (half.isOpen) twin.sendReset()
      else if ((half.id & 1) === 0) other.link.sendControl(encodeError(FrameType.REFUSE, twin.id, new FrontierError('EOF', 'the acceptor went away'), true))
      else other.link.sendControl(encodeError(FrameType.STREAM_RESET, twin.id, new FrontierError('EOF', 'the opener went away'), true))
      this.#remove(half)
    }
  }

  #targetOf(peer: Peer, bytes: Uint8Array, start: number, key: Uint8Array): Peer | FrontierError {
    if (this.#routes.isDraining) return new FrontierError('DRAINING', 'the gateway is going away')
    let target: Peer | undefined
    if (peer.role === 'edge') {
      const route = this.#routes.names.find(key, 0, key.length)
      target = route === undefined ? undefined : chooseTaker(route, peer, this.#options.hashBy)
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

  #breakOff(half: StreamHalf, error: FrontierError): void {
    this.#counters.streamViolations++
    for (const side of [half, half.twin]) {
      this.#peerOf.get(side)!.link.sendControl(encodeError(FrameType.STREAM_RESET, side.id, error, true))
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
      const peer = this.#peerOf.get(side)!
      peer.streams?.delete(side.id)
      if (peer.streams?.size === 0) peer.streams = undefined
    }
  }
}
