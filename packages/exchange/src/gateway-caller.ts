import {
  decodeError,
  EMPTY,
  encodeFragments,
  Flag,
  FrameType,
  FrontierError,
  parseBody,
  readFlags,
  readId,
  readType,
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

/** What came of a call: the answer's data, or why there is none. */
export type GatewayCallDone = (error: FrontierError | undefined, data: Uint8Array) => void

/** The gateway as a caller of services: a party without a link, whose answers come back as promises. */
export class GatewayCaller {
  readonly #forwarder: Forwarder
  readonly #party: Party
  readonly #waiting = new Map<number, GatewayCallDone>()
  #lastId = 0

  constructor(forwarder: Forwarder) {
    this.#forwarder = forwarder
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

  /**
   * Calls `method` of `service`. `done` hears of success before the next frame of the service is looked at, so that what the service does behind its answer
   * finds the consequences in place; of failures in a microtask: the service's error, TIMEOUT, or EOF when it goes away.
   */
  ask(service: Peer, method: string, request: GatewayCall, done: GatewayCallDone): void {
    if (!service.isOnline) {
      fail(done, new FrontierError('EOF', 'the service went away', { origin: 'gateway', retryable: true }))
      return
    }
    const id = (this.#lastId = (this.#lastId + 1) >>> 0)
    this.#waiting.set(id, done)
    const { timeoutMs, ...fields } = request
    // In as many fragments as it takes: an edge's meta can be longer than a frame.
    const frames = encodeFragments({ type: FrameType.CALL, key: method, budgetMs: timeoutMs, ...fields }, service.link.maxFrameBytes)
    this.#forwarder.requestFrom(this.#party, id, service, frames, timeoutMs)
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    const type = readType(bytes, start)
    const id = readId(bytes, start)
    const done = this.#waiting.get(id)
    if (type !== FrameType.ANSWER || done === undefined) return
    this.#waiting.delete(id)
    const flags = readFlags(bytes, start)
    let data: Uint8Array
    try {
      if ((flags & Flag.ERROR) !== 0) {
        fail(done, decodeError(bytes, start, end))
        return
      }
      if ((flags & Flag.MORE) !== 0) {
        fail(done, new FrontierError('REMOTE_ERROR', 'the answer to a hook does not fit one frame'))
        return
      }
      data = new Uint8Array(parseBody(bytes, start, end).data)
    } catch (thrown) {
      fail(done, new FrontierError('PROTOCOL_ERROR', 'the answer to a hook is malformed', { cause: thrown }))
      return
    }
    done(undefined, data)
  }
}

/** Never at once: whoever hears of it may ask the next service, in the middle of what takes this one away. */
function fail(done: GatewayCallDone, error: FrontierError): void {
  queueMicrotask(() => {
    done(error, EMPTY)
  })
}
