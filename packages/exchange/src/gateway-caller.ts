import { decodeError, encodeFrame, Flag, FrameType, FrontierError, parseBody, readFlags, readId, readType } from '@frontier/wire'
import type { Forwarder } from './forwarder.js'
import { Party } from './party.js'
import type { Peer } from './peer.js'

/** A call that the gateway makes of its own. */
export interface GatewayCall {
  meta?: Uint8Array
  data?: Uint8Array
  /** The edge it is about. */
  peer?: bigint
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
    const id = (this.#lastId = (this.#lastId + 1) >>> 0)
    const { timeoutMs, ...fields } = request
    const frame = encodeFrame({ type: FrameType.CALL, key: method, budgetMs: timeoutMs, ...fields })
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      forwarder.requestFrom(this.#party, id, service, frame)
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
