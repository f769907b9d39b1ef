// The other end of a bridge's link, in this process: frames become messages, and what becomes of those becomes frames again. Above 200 lines: the
// fragments, the bounds and the cancels of a message are one bookkeeping.
import {
  bodyOffset,
  EMPTY,
  encodeError,
  encodeFrame,
  encodeRawFrame,
  Flag,
  FrameType,
  FrontierError,
  idFromParts,
  joinBytes,
  NO_BUDGET,
  readBudgetMs,
  readFlags,
  readId,
  readPeerHigh,
  readPeerLow,
  readType,
  splitBody,
  toFrontierError,
  utf8,
  writeU32,
} from '@frontier/wire'
import type { Bridge, BridgeEdge, BridgeMessage } from './bridge.js'
import type { IdTable } from './id-table.js'
import type { Peer } from './peer.js'

/** What a message costs beside its bytes, roughly. */
const RECORD_BYTES = 512
/** One edge may have this part of the bytes that wait. */
const SHARE = 8

/** What the end needs of its exchange. */
export interface BridgeEndHost {
  readonly edges: IdTable<Peer>
  /** Takes a frame of the bridge. */
  answer(frame: Uint8Array): void
}

interface Counts {
  published: number
  refused: number
  waiting: number
  waitingBytes: number
}

/** One message from its arrival until the bridge is through with it. */
class HeldMessage implements BridgeMessage {
  topic = ''
  meta: Uint8Array = EMPTY
  data: Uint8Array = EMPTY
  isAbandoned = false
  readonly id: number
  readonly edge: BridgeEdge
  readonly deadline: number
  readonly isUnacked: boolean
  /** Of its bytes, those that came; with fragments missing they are in `pieces`. */
  bytes = 0
  pieces: Uint8Array[] | undefined = undefined

  constructor(id: number, edge: BridgeEdge, deadline: number, isUnacked: boolean) {
    this.id = id
    this.edge = edge
    this.deadline = deadline
    this.isUnacked = isUnacked
  }
}

/** Turns the frames of a bridge's link into messages for the bridge, within its bounds, and its promises into acknowledgements. */
export class BridgeEnd {
  readonly counts: Counts = { published: 0, refused: 0, waiting: 0, waitingBytes: 0 }
  readonly #bridge: Bridge
  readonly #host: BridgeEndHost
  readonly #maxWaiting: number
  readonly #maxWaitingBytes: number
  /** Those that somebody waits for, or that have fragments to come. */
  readonly #held = new Map<number, HeldMessage>()
  readonly #bytesOf = new Map<bigint, number>()
  #arrived: HeldMessage[] = []
  #onIdle: (() => void) | undefined = undefined

  constructor(bridge: Bridge, host: BridgeEndHost, limits: { maxWaiting: number; maxWaitingBytes: number }) {
    this.#bridge = bridge
    this.#host = host
    this.#maxWaiting = limits.maxWaiting
    this.#maxWaitingBytes = limits.maxWaitingBytes
  }

  /** From the link, in the middle of whatever wrote to it: the bridge hears of it in a microtask. */
  onControlFrame(bytes: Uint8Array, start: number, end: number): void {
    const type = readType(bytes, start)
    if (type === FrameType.CANCEL) this.#abandon(readId(bytes, start))
    else if (type === FrameType.MESSAGE) {
      if ((readFlags(bytes, start) & Flag.CONT) === 0) this.#begin(bytes, start, end)
      else this.#continue(bytes, start, end)
    }
  }

  /** Resolves when nothing waits any more. */
  idle(): Promise<void> {
    if (this.counts.waiting === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onIdle = resolve
    })
  }

  #begin(bytes: Uint8Array, start: number, end: number): void {
    const flags = readFlags(bytes, start)
    const edgeId = idFromParts(readPeerHigh(bytes, start), readPeerLow(bytes, start))
    const budgetMs = readBudgetMs(bytes, start)
    const deadline = budgetMs === NO_BUDGET ? Number.POSITIVE_INFINITY : performance.now() + budgetMs
    const message = new HeldMessage(readId(bytes, start), edgeOf(this.#host.edges.get(edgeId), edgeId), deadline, (flags & Flag.NO_ACK) !== 0)
    // A copy: the chunk is the link's, and may hold much more.
    const body = Uint8Array.prototype.slice.call(bytes, bodyOffset(bytes, start), end)
    if (!this.#hasRoom(message, body.length + RECORD_BYTES)) {
      this.#refuse(message, full())
      return
    }
    this.counts.waiting++
    this.#take(message, body.length + RECORD_BYTES)
    if (!message.isUnacked || (flags & Flag.MORE) !== 0) this.#held.set(message.id, message)
    if ((flags & Flag.MORE) === 0) this.#arrive(message, body)
    else {
      message.pieces = [body]
      this.#confirm(message)
    }
  }

  #continue(bytes: Uint8Array, start: number, end: number): void {
    const message = this.#held.get(readId(bytes, start))
    if (message?.pieces === undefined) return
    const piece = Uint8Array.prototype.slice.call(bytes, bodyOffset(bytes, start), end)
    if (!this.#hasRoom(message, piece.length)) {
      this.#refuse(message, full())
      this.#letGo(message)
      return
    }
    this.#take(message, piece.length)
    message.pieces.push(piece)
    if ((readFlags(bytes, start) & Flag.MORE) === 0) this.#arrive(message, joinBytes(message.pieces))
    else this.#confirm(message)
  }

  #arrive(message: HeldMessage, body: Uint8Array): void {
    message.pieces = undefined
    try {
      const { key, meta, data } = splitBody(body)
      message.topic = utf8(key)
      message.meta = meta
      message.data = data
    } catch (thrown) {
      this.#refuse(message, toFrontierError(thrown, 'PROTOCOL_ERROR'))
      this.#letGo(message)
      return
    }
    if (this.#arrived.push(message) > 1) return
    queueMicrotask(() => {
      const arrived = this.#arrived
      this.#arrived = []
      for (const each of arrived) this.#publish(each)
    })
  }

  #publish(message: HeldMessage): void {
    let published: void | Promise<void>
    try {
      published = message.isAbandoned ? undefined : this.#bridge.publish(message)
    } catch (thrown) {
      this.#settle(message, failureOf(thrown))
      return
    }
    if (published === undefined) this.#settle(message, undefined)
    else {
      published.then(
        () => {
          this.#settle(message, undefined)
        },
        (thrown: unknown) => {
          this.#settle(message, failureOf(thrown))
        },
      )
    }
  }

  #settle(message: HeldMessage, error: FrontierError | undefined): void {
    if (error === undefined) {
      this.counts.published++
      if (this.#isAwaited(message)) this.#host.answer(encodeFrame({ type: FrameType.ACK, id: message.id }))
    } else this.#refuse(message, error)
    this.#letGo(message)
  }

  #refuse(message: HeldMessage, error: FrontierError): void {
    this.counts.refused++
    if (this.#isAwaited(message)) this.#host.answer(encodeError(FrameType.ACK, message.id, error, true))
  }

  #isAwaited(message: HeldMessage): boolean {
    return !message.isUnacked && !message.isAbandoned
  }

  #letGo(message: HeldMessage): void {
    const { counts } = this
    if (this.#held.get(message.id) === message) this.#held.delete(message.id)
    counts.waiting--
    counts.waitingBytes -= message.bytes
    const { edgeId } = message.edge
    const left = this.#bytesOf.get(edgeId)! - message.bytes
    if (left > 0) this.#bytesOf.set(edgeId, left)
    else this.#bytesOf.delete(edgeId)
    if (counts.waiting === 0) {
      this.#onIdle?.()
      this.#onIdle = undefined
    }
  }

  #abandon(id: number): void {
    const message = this.#held.get(id)
    if (message === undefined) return
    message.isAbandoned = true
    // The bridge still has the others, and settles them.
    if (message.pieces !== undefined) this.#letGo(message)
    else this.#held.delete(id)
  }

  #confirm(message: HeldMessage): void {
    const body = new Uint8Array(4)
    writeU32(body, 0, message.bytes - RECORD_BYTES)
    this.#host.answer(encodeRawFrame({ type: FrameType.PROGRESS, id: message.id, body }))
  }

  #hasRoom({ edge, bytes }: HeldMessage, more: number): boolean {
    const { waiting, waitingBytes } = this.counts
    if ((bytes === 0 && waiting >= this.#maxWaiting) || waitingBytes + more > this.#maxWaitingBytes) return false
    const ofEdge = this.#bytesOf.get(edge.edgeId) ?? 0
    // One message alone may be longer than the share.
    return ofEdge === bytes || ofEdge + more <= this.#maxWaitingBytes / SHARE
  }

  #take(message: HeldMessage, bytes: number): void {
    const { edgeId } = message.edge
    message.bytes += bytes
    this.counts.waitingBytes += bytes
    this.#bytesOf.set(edgeId, (this.#bytesOf.get(edgeId) ?? 0) + bytes)
  }
}

function full(): FrontierError {
  return new FrontierError('BUFFER_FULL', 'the bridge is behind: too much waits in it')
}

function failureOf(thrown: unknown): FrontierError {
  return toFrontierError(thrown, 'BRIDGE_UNAVAILABLE', { delivered: 'maybe' })
}

/** The edge may have gone since it wrote. */
function edgeOf(peer: Peer | undefined, edgeId: bigint): BridgeEdge {
  return peer ?? { edgeId, meta: EMPTY, labels: {}, address: '' }
}
