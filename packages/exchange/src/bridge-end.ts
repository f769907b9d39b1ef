// The other end of a bridge's link, in this process: frames become messages, and what becomes of those becomes frames again. Above 200 lines: the
// fragments, the bounds and the cancels of a message are one bookkeeping.
import {
  bodyOffset,
  EMPTY,
  encodeError,
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
  readU16,
  readU32,
  sendAck,
  splitBody,
  toFrontierError,
  utf8,
  writeU32,
} from '@frontier/wire'
import type { Bridge, BridgeEdge } from './bridge.js'
import { HeldMessage, type EdgeShare, type HeldMessageOwner } from './held-message.js'
import type { IdTable } from './id-table.js'
import { keepBytes } from './keep-bytes.js'
import type { Peer } from './peer.js'

/** What a message costs beside its bytes: 600 while it waits, and some more as garbage until V8 collects it (docs/performance.md). */
const RECORD_BYTES = 1024
/** One edge may have this part of the messages and bytes that wait. */
const SHARE = 8

// Made once: an error costs more than all the rest of a refusal, and floods are refused with these.
const FULL = new FrontierError('BUFFER_FULL', 'the bridge is behind: too much waits in it')
const ABANDONED = new FrontierError('CANCELLED', 'the edge gave up before the bridge had it')
const REMOVED = new FrontierError('BRIDGE_UNAVAILABLE', 'the bridge is being removed')

/** What the end needs of its exchange. */
export interface BridgeEndHost {
  readonly edges: IdTable<Peer>
  /** Takes a frame of the bridge: `bytes[start, end)`. */
  answer(bytes: Uint8Array, start: number, end: number): void
}

interface Counts {
  published: number
  refused: number
  waiting: number
  waitingBytes: number
}

/** Turns the frames of a bridge's link into messages for the bridge, within its bounds, and its promises into acknowledgements. */
export class BridgeEnd implements HeldMessageOwner {
  readonly counts: Counts = { published: 0, refused: 0, waiting: 0, waitingBytes: 0 }
  readonly #bridge: Bridge
  readonly #host: BridgeEndHost
  readonly #maxWaiting: number
  readonly #maxWaitingBytes: number
  /** Those that somebody waits for, or that have fragments to come. */
  readonly #held = new Map<number, HeldMessage>()
  readonly #shares = new Map<bigint, EdgeShare>()
  readonly #acks: { send(bytes: Uint8Array, start: number, end: number): void }
  /** The key that came last, and its text: edges keep to few topics. */
  #lastKey: Uint8Array = EMPTY
  #lastTopic = ''
  #arrived: HeldMessage[] = []
  #isStopped = false

  constructor(bridge: Bridge, host: BridgeEndHost, limits: { maxWaiting: number; maxWaitingBytes: number }) {
    this.#bridge = bridge
    this.#host = host
    this.#acks = {
      send: (bytes, start, end) => {
        host.answer(bytes, start, end)
      },
    }
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

  /** The bridge gets nothing more: what comes from now on, and what has not come completely, fails. */
  stop(): void {
    this.#isStopped = true
  }

  #begin(bytes: Uint8Array, start: number, end: number): void {
    const flags = readFlags(bytes, start)
    const budgetMs = readBudgetMs(bytes, start)
    const peer = this.#host.edges.find(readPeerHigh(bytes, start), readPeerLow(bytes, start))
    const edge = peer ?? goneEdge(idFromParts(readPeerHigh(bytes, start), readPeerLow(bytes, start)))
    const message = new HeldMessage(this, {
      id: readId(bytes, start),
      edge,
      deadline: budgetMs === NO_BUDGET ? Number.POSITIVE_INFINITY : performance.now() + budgetMs,
      isUnacked: (flags & Flag.NO_ACK) !== 0,
      share: this.#shares.get(edge.edgeId) ?? { messages: 0, bytes: 0 },
    })
    const at = bodyOffset(bytes, start)
    const cost = end - at + RECORD_BYTES
    if (!this.#hasRoom(message, cost)) {
      this.#refuse(message, FULL)
      return
    }
    this.counts.waiting++
    this.#take(message, cost)
    if (!message.isUnacked || (flags & Flag.MORE) !== 0) this.#held.set(message.id, message)
    if ((flags & Flag.MORE) === 0) this.#readWhole(message, bytes, at, end)
    else {
      message.pieces = [Uint8Array.prototype.slice.call(bytes, at, end)]
      this.#confirm(message)
    }
  }

  /** The body in `bytes[at, end)`, whose lengths the forwarder has checked. Its parts are copied: the chunk is the link's, and may hold much more. */
  #readWhole(message: HeldMessage, bytes: Uint8Array, at: number, end: number): void {
    const keyEnd = at + 2 + (at === end ? -2 : readU16(bytes, at))
    const metaEnd = at === end ? end : keyEnd + 4 + readU32(bytes, keyEnd)
    if (at < end) {
      message.topic = this.#topicOf(bytes, at + 2, keyEnd)
      if (metaEnd > keyEnd + 4) message.meta = keepBytes(bytes, keyEnd + 4, metaEnd)
      message.data = keepBytes(bytes, metaEnd, end)
    }
    this.#arrive(message)
  }

  #topicOf(bytes: Uint8Array, start: number, end: number): string {
    const last = this.#lastKey
    let same = end - start === last.length ? 0 : -1
    while (same >= 0 && same < last.length) same = bytes[start + same] === last[same] ? same + 1 : -1
    if (same < 0) {
      this.#lastKey = Uint8Array.prototype.slice.call(bytes, start, end)
      this.#lastTopic = utf8(this.#lastKey)
    }
    return this.#lastTopic
  }

  #continue(bytes: Uint8Array, start: number, end: number): void {
    const message = this.#held.get(readId(bytes, start))
    if (message?.pieces === undefined) return
    const piece = Uint8Array.prototype.slice.call(bytes, bodyOffset(bytes, start), end)
    if (!this.#hasRoom(message, piece.length)) {
      message.fail(FULL)
      return
    }
    this.#take(message, piece.length)
    message.pieces.push(piece)
    if ((readFlags(bytes, start) & Flag.MORE) === 0) this.#join(message, joinBytes(message.pieces))
    else this.#confirm(message)
  }

  #join(message: HeldMessage, body: Uint8Array): void {
    message.pieces = undefined
    try {
      const { key, meta, data } = splitBody(body)
      message.topic = utf8(key)
      message.meta = meta
      message.data = data
    } catch (thrown) {
      message.fail(toFrontierError(thrown, 'PROTOCOL_ERROR'))
      return
    }
    this.#arrive(message)
  }

  #arrive(message: HeldMessage): void {
    if (this.#arrived.push(message) > 1) return
    queueMicrotask(() => {
      const arrived = this.#arrived
      this.#arrived = []
      for (const each of arrived) this.#publish(each)
    })
  }

  #publish(message: HeldMessage): void {
    const bridge = this.#bridge
    try {
      if (message.isAbandoned) message.fail(ABANDONED)
      else if (this.#isStopped) message.fail(REMOVED)
      else if (bridge.take !== undefined) bridge.take(message)
      else this.#await(message, bridge.publish(message))
    } catch (thrown) {
      message.fail(thrown)
    }
  }

  #await(message: HeldMessage, published: void | Promise<void>): void {
    if (published === undefined) message.done()
    else {
      // Whatever it is: `then` of somebody's own may do anything.
      Promise.resolve(published).then(
        () => {
          message.done()
        },
        (thrown: unknown) => {
          message.fail(thrown)
        },
      )
    }
  }

  settle(message: HeldMessage, error: unknown): void {
    if (error === undefined) {
      this.counts.published++
      if (this.#isAwaited(message)) sendAck(this.#acks, message.id)
    } else this.#refuse(message, toFrontierError(error, 'BRIDGE_UNAVAILABLE', { delivered: 'maybe' }))
    this.#letGo(message)
  }

  #refuse(message: HeldMessage, error: FrontierError): void {
    this.counts.refused++
    if (!this.#isAwaited(message)) return
    const frame = encodeError(FrameType.ACK, message.id, error, true)
    this.#host.answer(frame, 0, frame.length)
  }

  #isAwaited(message: HeldMessage): boolean {
    return !message.isUnacked && !message.isAbandoned
  }

  #letGo(message: HeldMessage): void {
    const { counts } = this
    if (this.#held.get(message.id) === message) this.#held.delete(message.id)
    counts.waiting--
    counts.waitingBytes -= message.bytes
    const { share } = message
    share.bytes -= message.bytes
    if (--share.messages === 0) this.#shares.delete(message.edge.edgeId)
  }

  #abandon(id: number): void {
    const message = this.#held.get(id)
    if (message === undefined) return
    message.isAbandoned = true
    if (message.pieces !== undefined) {
      this.#letGo(message)
      return
    }
    // The bridge still has it, and settles it; its place among the unanswered is free for another edge. Not at once: whoever cancels it is in the middle of that.
    this.#held.delete(id)
    queueMicrotask(() => {
      sendAck(this.#acks, id)
    })
  }

  #confirm(message: HeldMessage): void {
    const body = new Uint8Array(4)
    writeU32(body, 0, message.bytes - RECORD_BYTES)
    const frame = encodeRawFrame({ type: FrameType.PROGRESS, id: message.id, body })
    this.#host.answer(frame, 0, frame.length)
  }

  #hasRoom({ share, bytes }: HeldMessage, more: number): boolean {
    const { waiting, waitingBytes } = this.counts
    const isNew = bytes === 0
    if ((isNew && waiting >= this.#maxWaiting) || waitingBytes + more > this.#maxWaitingBytes) return false
    // One message alone may be longer than the share.
    if (share.bytes === bytes) return true
    return (!isNew || share.messages < this.#maxWaiting / SHARE) && share.bytes + more <= this.#maxWaitingBytes / SHARE
  }

  #take(message: HeldMessage, bytes: number): void {
    const { share, edge } = message
    if (message.bytes === 0 && share.messages++ === 0) this.#shares.set(edge.edgeId, share)
    message.bytes += bytes
    this.counts.waitingBytes += bytes
    share.bytes += bytes
  }
}

/** Its edge has gone since it wrote. */
function goneEdge(edgeId: bigint): BridgeEdge {
  return { edgeId, meta: EMPTY, labels: {}, address: '' }
}
