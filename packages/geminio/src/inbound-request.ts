import {
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

/** What the header of a request's first frame says. */
export interface RequestHead {
  /** CALL or MESSAGE. */
  readonly type: number
  readonly id: number
  /** The edge it is about; 0n = none named. */
  readonly peer: bigint
  /** On the wheel's clock; Infinity = none. */
  readonly deadline: number
  /** False for an at-most-once message. */
  readonly isAcked: boolean
}

/** A whole request of the other side. */
export interface InboundRequest extends RequestHead {
  readonly name: string
  readonly data: Uint8Array
  readonly meta: Uint8Array
}

/** Reads the header of the frame at `start`, which came in at `now`. */
export function readHead(bytes: Uint8Array, start: number, now: number): RequestHead {
  const type = readType(bytes, start)
  const high = readPeerHigh(bytes, start)
  const low = readPeerLow(bytes, start)
  const budgetMs = readBudgetMs(bytes, start)
  return {
    type,
    id: readId(bytes, start),
    peer: high === 0 && low === 0 ? 0n : idFromParts(high, low),
    deadline: budgetMs === NO_BUDGET ? Infinity : now + budgetMs,
    isAcked: type !== FrameType.MESSAGE || (readFlags(bytes, start) & Flag.NO_ACK) === 0,
  }
}

/** The frame that tells the requester that its request failed. */
export function encodeRefusal(type: number, id: number, error: FrontierError): Uint8Array {
  return encodeError(type === FrameType.CALL ? FrameType.ANSWER : FrameType.ACK, id, error, false)
}
