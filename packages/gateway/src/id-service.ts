import type { Exchange, Peer } from '@frontier/exchange'
import { FrontierError, idFromParts, isFrontierError, readU32 } from '@frontier/wire'
import { encodeNewEdge, type NewEdgeFacts } from './edge-facts.js'

const ID_BYTES = 8

/** Asks services for the ids of edges, when there are any that give them. */
export class IdService {
  /** Whether one was ever there. */
  hasBeenSeen = false
  readonly #exchange: Exchange
  readonly #timeoutMs: number

  constructor(exchange: Exchange, timeoutMs: number) {
    this.#exchange = exchange
    this.#timeoutMs = timeoutMs
  }

  get isOnline(): boolean {
    return this.#exchange.hookServices('get_edge_id').length > 0
  }

  /**
   * The id that a service gives `edge`; undefined when all of them went away before they answered. Any one of them is asked, the next one when it goes.
   * Rejects with the error of the service, TIMEOUT, or ILLEGAL_EDGE_ID when its answer is no id.
   */
  async ask(edge: NewEdgeFacts): Promise<bigint | undefined> {
    const data = encodeNewEdge(edge)
    const tried = new Set<Peer>()
    for (;;) {
      const services = this.#exchange.hookServices('get_edge_id').filter((service) => !tried.has(service))
      const service = services[Math.floor(Math.random() * services.length)]
      if (service === undefined) return undefined
      tried.add(service)
      try {
        return idOf(await this.#exchange.callService(service, 'get_edge_id', { meta: edge.meta, data, timeoutMs: this.#timeoutMs }))
      } catch (thrown) {
        if (!isFrontierError(thrown) || thrown.code !== 'EOF' || thrown.origin === 'peer') throw thrown
      }
    }
  }
}

function idOf(answer: Uint8Array): bigint {
  const id = answer.length === ID_BYTES ? idFromParts(readU32(answer, 0), readU32(answer, 4)) : 0n
  if (id === 0n) throw new FrontierError('ILLEGAL_EDGE_ID', `get_edge_id answered with ${answer.length} bytes, not with an id of 8`)
  return id
}
