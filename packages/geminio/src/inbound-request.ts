import {
  EMPTY,
  encodeError,
  Flag,
  FrameType,
  type FrontierError,
  idFromParts,
  NO_BUDGET,
  readBudgetMs,
  readFlags,
  readId,
  readPeerHigh,
  readPeerLow,
  readType,
} from '@frontier/wire'

/** A request of the other side: its head from the first frame on, name, data and meta once all of it is here. */
export class InboundRequest {
  /** CALL or MESSAGE. */
  readonly type: number
  readonly id: number
  /** The edge it is about; 0n = none named. */
  readonly peer: bigint
  /** On the wheel's clock; Infinity = none. */
  readonly deadline: number
  /** False for an at-most-once message. */
  readonly isAcked: boolean
  name = ''
  data: Uint8Array = EMPTY
  meta: Uint8Array = EMPTY

  /** Reads the header of the frame at `start`, which came in at `now`. */
  constructor(bytes: Uint8Array, start: number, now: number) {
    const budgetMs = readBudgetMs(bytes, start)
    this.type = readType(bytes, start)
    this.id = readId(bytes, start)
    this.peer = peerAt(bytes, start)
    this.deadline = budgetMs === NO_BUDGET ? Infinity : now + budgetMs
    this.isAcked = this.type !== FrameType.MESSAGE || (readFlags(bytes, start) & Flag.NO_ACK) === 0
  }
}

// The peer of the last request: most come in rows from one, and making a bigint costs 60 ns.
let lastHigh = 0
let lastLow = 0
let lastPeer = 0n

function peerAt(bytes: Uint8Array, start: number): bigint {
  const high = readPeerHigh(bytes, start)
  const low = readPeerLow(bytes, start)
  if (high !== lastHigh || low !== lastLow) {
    lastPeer = idFromParts(high, low)
    lastHigh = high
    lastLow = low
  }
  return lastPeer
}

/** The frame that tells the requester that its request failed. */
export function encodeRefusal(type: number, id: number, error: FrontierError): Uint8Array {
  return encodeError(type === FrameType.CALL ? FrameType.ANSWER : FrameType.ACK, id, error, false)
}
