import {
  decodeError,
  EMPTY,
  encodeBodyPrefix,
  encodeRawFrame,
  Flag,
  FrameType,
  FrontierError,
  HEADER_BYTES,
  parseBody,
  readFlags,
  readId,
  readType,
  toBytes,
} from '@frontier/wire'
import type { Forwarder } from './forwarder.js'
import { Party } from './party.js'
import type { Peer } from './peer.js'

/** A call that the gateway makes of its own. */
export interface GatewayCall {
  meta?: Uint8Array
  data?: Uint8Array
  /** The edge it is about. */
  peer?: bigint
  /** Infinity = no limit. */
  timeoutMs: number
}

interface Waiting {
  resolve(data: Uint8Array): void
  reject(error: FrontierError): void
}

/** The gateway as a caller of services: a party without a link, whose answers come back as promises. */
export class GatewayCaller {
  readonly #party: Party
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  constructor() {
    const port = {
      sendControl: (bytes: Uint8Array, start = 0, end: number = bytes.length): void => {
        this.#onFrame(bytes, start, end)
      },
      queuedBytes: 0,
      sentBytes: 0,
      handedBytes: 0,
    }
    this.#party = new Party(port, Number.POSITIVE_INFINITY)
  }

  /** Calls `method` of `service`; resolves with the answer's data. Rejects with the service's error, TIMEOUT, or EOF when the service goes away. */
  call(forwarder: Forwarder, service: Peer, method: string, request: GatewayCall): Promise<Uint8Array> {
    if (!service.isOnline) return Promise.reject(new FrontierError('EOF', 'the service went away', { origin: 'gateway', retryable: true }))
    const id = (this.#lastId = (this.#lastId + 1) >>> 0)
    const frames = framesOf(method, request, service.link.maxFrameBytes)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      forwarder.requestFrom(this.#party, id, service, frames, request.timeoutMs)
    })
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    const type = readType(bytes, start)
    const id = readId(bytes, start)
    const waiting = this.#waiting.get(id)
    if (type !== FrameType.ANSWER || waiting === undefined) return
    this.#waiting.delete(id)
    const flags = readFlags(bytes, start)
    try {
      if ((flags & Flag.ERROR) !== 0) waiting.reject(decodeError(bytes, start, end))
      else if ((flags & Flag.MORE) !== 0) waiting.reject(new FrontierError('REMOTE_ERROR', 'the answer to a hook does not fit one frame'))
      else waiting.resolve(Uint8Array.from(parseBody(bytes, start, end).data))
    } catch (thrown) {
      waiting.reject(new FrontierError('PROTOCOL_ERROR', 'the answer to a hook is malformed', { cause: thrown }))
    }
  }
}

/** The CALL, in as many fragments as it takes: an edge's meta can be longer than a frame. */
function framesOf(method: string, request: GatewayCall, maxFrameBytes: number): Uint8Array[] {
  const prefix = encodeBodyPrefix(toBytes(method), request.meta ?? EMPTY)
  const data = request.data ?? EMPTY
  const body = new Uint8Array(prefix.length + data.length)
  body.set(prefix)
  body.set(data, prefix.length)
  const pieceBytes = maxFrameBytes - HEADER_BYTES
  const frames: Uint8Array[] = []
  for (let at = 0; at < body.length; at += pieceBytes) {
    const flags = (at > 0 ? Flag.CONT : 0) | (at + pieceBytes < body.length ? Flag.MORE : 0)
    const head = at > 0 ? {} : { budgetMs: request.timeoutMs, ...(request.peer !== undefined && { peer: request.peer }) }
    frames.push(encodeRawFrame({ type: FrameType.CALL, flags, ...head, body: body.subarray(at, at + pieceBytes) }))
  }
  return frames
}
