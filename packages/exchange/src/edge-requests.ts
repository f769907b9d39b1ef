import {
  bodyOffset,
  decodeError,
  EMPTY,
  encodeFragments,
  Flag,
  FrameType,
  FrontierError,
  joinBytes,
  readFlags,
  readId,
  readType,
  RESERVED_METHODS,
  splitBody,
} from '@frontier/wire'
import type { ExchangeCounters } from './exchange-counters.js'
import type { ResolvedExchangeOptions } from './exchange-options.js'
import type { Forwarder } from './forwarder.js'
import type { IdTable } from './id-table.js'
import { Party } from './party.js'
import type { Peer } from './peer.js'

/** Something that the gateway itself asks of an edge. */
export interface EdgeRequest {
  data?: Uint8Array
  meta?: Uint8Array
  /** Infinity = no limit. */
  timeoutMs: number
  signal?: AbortSignal
}

/** What an edge answered. */
export interface EdgeAnswer {
  data: Uint8Array
  meta: Uint8Array
}

/** What the requests need of their exchange. */
export interface EdgeRequestHost {
  readonly edges: IdTable<Peer>
  readonly options: ResolvedExchangeOptions
  readonly counters: ExchangeCounters
  readonly isDraining: boolean
}

interface Waiting {
  /** Pieces of a fragmented answer. */
  pieces: Uint8Array[]
  bytes: number
  settle(error: FrontierError | undefined, answer: EdgeAnswer): void
}

/** A request may take this part of what an edge's queue takes before it is cut off. */
const HARD_MARK_SHARE = 2
const NO_ANSWER: EdgeAnswer = { data: EMPTY, meta: EMPTY }

/** The gateway as a caller and publisher toward edges, for its operators: a party without a link, whose answers come back as promises. */
export class EdgeRequests {
  readonly #host: EdgeRequestHost
  readonly #forwarder: Forwarder
  readonly #party: Party
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  constructor(host: EdgeRequestHost, forwarder: Forwarder) {
    this.#host = host
    this.#forwarder = forwarder
    const sendControl = (bytes: Uint8Array, start = 0, end: number = bytes.length): void => {
      this.#onFrame(bytes, start, end)
    }
    this.#party = new Party({ sendControl, queuedBytes: 0, sentBytes: 0, handedBytes: 0 }, Number.POSITIVE_INFINITY)
  }

  /** Calls a method of an edge. Rejects as `Exchange.callEdge` says. */
  async call(edgeId: bigint, method: string, request: EdgeRequest): Promise<EdgeAnswer> {
    if ((RESERVED_METHODS as readonly string[]).includes(method)) throw new FrontierError('RPC_NOT_ONLINE', `${method} is a reserved name`)
    const edge = this.#target(edgeId, request)
    this.#host.counters.calls++
    return this.#ask(edge, FrameType.CALL, method, request)
  }

  /** Publishes a message to an edge. Rejects as `Exchange.publishToEdge` says. */
  async publish(edgeId: bigint, topic: string, request: EdgeRequest & { isAtMostOnce?: boolean }): Promise<void> {
    const edge = this.#target(edgeId, request)
    this.#host.counters.messages++
    if (request.isAtMostOnce !== true) {
      await this.#ask(edge, FrameType.MESSAGE, topic, request)
      return
    }
    const { data = EMPTY, meta = EMPTY } = request
    const frames = encodeFragments({ type: FrameType.MESSAGE, flags: Flag.NO_ACK, key: topic, meta, data }, edge.link.maxFrameBytes)
    if (frames.length === 1) edge.link.sendControl(frames[0]!)
    // Fragments need an id of their own for a while: one that is asked for an ack, which nobody waits for.
    else this.#ask(edge, FrameType.MESSAGE, topic, request).catch(() => undefined)
  }

  /** The edge, when it can be asked so much. @throws as `Exchange.callEdge` */
  #target(edgeId: bigint, { data = EMPTY, meta = EMPTY, signal }: EdgeRequest): Peer {
    const { edges, options, counters, isDraining } = this.#host
    if (signal?.aborted === true) throw new FrontierError('CANCELLED', 'the caller gave up')
    if (isDraining) throw new FrontierError('DRAINING', 'the gateway is going away')
    const edge = edges.get(edgeId)
    if (edge === undefined) {
      counters.notOnline++
      throw new FrontierError('EDGE_NOT_ONLINE', `edge ${edgeId} is not online`)
    }
    const { link, limits } = edge
    const most = Math.min(options.maxPayloadBytes, limits.hardMarkBytes / HARD_MARK_SHARE)
    const bytes = data.length + meta.length
    if (bytes > most) throw new FrontierError('PAYLOAD_TOO_LARGE', `${bytes} bytes, at most ${most} are allowed`)
    if (link.queuedBytes > limits.markBytes || edge.owed >= limits.maxOwed) {
      counters.bufferFull++
      throw new FrontierError('BUFFER_FULL', 'the edge is behind: its queue or its places for unanswered requests are full')
    }
    return edge
  }

  #ask(edge: Peer, type: FrameType, key: string, { data = EMPTY, meta = EMPTY, timeoutMs, signal }: EdgeRequest): Promise<EdgeAnswer> {
    const id = (this.#lastId = (this.#lastId + 1) >>> 0)
    const frames = encodeFragments({ type, key, budgetMs: timeoutMs, meta, data }, edge.link.maxFrameBytes)
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#forwarder.abandon(this.#party, id)
        this.#settle(id, new FrontierError('CANCELLED', 'the caller gave up', { delivered: 'maybe' }), NO_ANSWER)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const settle = (error: FrontierError | undefined, answer: EdgeAnswer): void => {
        signal?.removeEventListener('abort', onAbort)
        if (error === undefined) resolve(answer)
        else reject(error)
      }
      this.#waiting.set(id, { pieces: [], bytes: 0, settle })
      this.#forwarder.requestFrom(this.#party, id, edge, frames, timeoutMs)
    })
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    const id = readId(bytes, start)
    const waiting = this.#waiting.get(id)
    // PROGRESS of the request: all of its fragments are on their way already.
    if (waiting === undefined || readType(bytes, start) === FrameType.PROGRESS) return
    const flags = readFlags(bytes, start)
    if ((flags & Flag.ERROR) !== 0) {
      this.#settle(id, decodeError(bytes, start, end), NO_ANSWER)
      return
    }
    // A copy: the chunk is the link's, and may hold much more.
    const piece = bytes.slice(bodyOffset(bytes, start), end)
    waiting.pieces.push(piece)
    waiting.bytes += piece.length
    if ((flags & Flag.MORE) !== 0) {
      this.#forwarder.confirm(this.#party, id, waiting.bytes)
      return
    }
    try {
      const { data, meta } = splitBody(waiting.pieces.length === 1 ? piece : joinBytes(waiting.pieces))
      this.#settle(id, undefined, { data, meta })
    } catch (thrown) {
      this.#settle(id, new FrontierError('PROTOCOL_ERROR', 'the answer is malformed', { origin: 'peer', delivered: 'maybe', cause: thrown }), NO_ANSWER)
    }
  }

  #settle(id: number, error: FrontierError | undefined, answer: EdgeAnswer): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    waiting?.settle(error, answer)
  }
}
