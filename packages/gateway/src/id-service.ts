import type { Exchange, GatewayCall, Peer } from '@frontier/exchange'
import { FrontierError, idFromParts, readU32 } from '@frontier/wire'
import { encodeNewEdge, type NewEdgeFacts } from './edge-facts.js'

const ID_BYTES = 8

/** What came of asking for an id. */
export type IdDone = (error: FrontierError | undefined, id: bigint | undefined) => void

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
   * Tells `done` the id that a service gives `edge`; undefined when all of them went away before they answered. Any one of them is asked, the next one when it
   * goes. An error is that of the service, TIMEOUT, or ILLEGAL_EDGE_ID when its answer is no id. `done` may be called at once.
   */
  ask(edge: NewEdgeFacts, done: IdDone): void {
    this.#askNext({ meta: edge.meta, data: encodeNewEdge(edge), timeoutMs: this.#timeoutMs }, [], done)
  }

  #askNext(request: GatewayCall, tried: Peer[], done: IdDone): void {
    const all = this.#exchange.hookServices('get_edge_id')
    const services = tried.length === 0 ? all : all.filter((service) => !tried.includes(service))
    const service = services[Math.floor(Math.random() * services.length)]
    if (service === undefined) {
      done(undefined, undefined)
      return
    }
    this.#exchange.askService(service, 'get_edge_id', request, (error, answer) => {
      if (error === undefined) {
        const id = idOf(answer)
        if (id === 0n) done(new FrontierError('ILLEGAL_EDGE_ID', `get_edge_id answered with ${answer.length} bytes, not with an id of 8`), undefined)
        else done(undefined, id)
      } else if (error.code === 'EOF' && error.origin !== 'peer') this.#askNext(request, [...tried, service], done)
      else done(error, undefined)
    })
  }
}

/** 0n when it is none. */
function idOf(answer: Uint8Array): bigint {
  return answer.length === ID_BYTES ? idFromParts(readU32(answer, 0), readU32(answer, 4)) : 0n
}
