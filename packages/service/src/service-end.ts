import {
  LinkEnd,
  type Bytes,
  type CallOptions,
  type EndRole,
  type Handler,
  type Id,
  type OpenStreamOptions,
  type Reply,
  type ResolvedLinkOptions,
  type Stream,
  type WaitOptions,
} from '@frontier/geminio'
import { idHigh, idLow, toFrontierError, toId, writeU32 } from '@frontier/wire'
import { EdgeEvents } from './edge-events.js'
import { parseEdgeInfo, parseNewEdge } from './hook-payload.js'
import type { EdgeOfflineHandler, EdgeOnlineHandler, GetEdgeIdHandler, Hooks } from './hooks.js'
import type { EdgePublishOptions, Service } from './service.js'

/** Of the unanswered requests, toward one edge. */
const MAX_IN_FLIGHT_PER_EDGE = 1024

/** The end of a service. */
export class ServiceEnd extends LinkEnd implements Service {
  readonly name: string
  readonly #events = new EdgeEvents()

  constructor(options: ResolvedLinkOptions, role: Pick<EndRole, 'name' | 'topics'>, hooks: Hooks) {
    super(options, {
      ...role,
      role: 'service',
      meta: new Uint8Array(0),
      snapshot: hooks.snapshot ?? false,
      maxInFlightPerPeer: Math.min(MAX_IN_FLIGHT_PER_EDGE, options.maxInFlight),
    })
    this.name = role.name
    if (hooks.getEdgeId !== undefined) this.presetName('get_edge_id', idHandler(hooks.getEdgeId))
    if (hooks.edgeOnline !== undefined) this.presetName('edge_online', this.#eventHandler('online', hooks.edgeOnline))
    if (hooks.edgeOffline !== undefined) this.presetName('edge_offline', this.#eventHandler('offline', hooks.edgeOffline))
  }

  call(edgeId: Id, method: string, data?: Bytes, options?: CallOptions): Promise<Reply> {
    try {
      return this.callPeer(toId(edgeId), method, data, options)
    } catch (error) {
      return Promise.reject(toFrontierError(error, 'INVALID_ARGUMENT'))
    }
  }

  publish(edgeId: Id, data: Bytes, options: EdgePublishOptions = {}): Promise<void> {
    try {
      return this.publishTo(toId(edgeId), options.topic ?? '', data, options)
    } catch (error) {
      return Promise.reject(toFrontierError(error, 'INVALID_ARGUMENT'))
    }
  }

  openStream(edgeId: Id, options: OpenStreamOptions = {}): Promise<Stream> {
    return this.guarded(() => this.openStreamTo('', toId(edgeId), options))
  }

  onGetEdgeId(handler: GetEdgeIdHandler, options?: WaitOptions): Promise<Disposable> {
    return this.guarded(() => this.registerName('get_edge_id', idHandler(handler), options))
  }

  onEdgeOnline(handler: EdgeOnlineHandler, options?: WaitOptions): Promise<Disposable> {
    return this.guarded(() => this.registerName('edge_online', this.#eventHandler('online', handler), options))
  }

  onEdgeOffline(handler: EdgeOfflineHandler, options?: WaitOptions): Promise<Disposable> {
    return this.guarded(() => this.registerName('edge_offline', this.#eventHandler('offline', handler), options))
  }

  #eventHandler(kind: 'online' | 'offline', handler: EdgeOnlineHandler | EdgeOfflineHandler): Handler {
    return (request) => this.#events.tell(kind, parseEdgeInfo(request.data, request.meta), handler)
  }
}

function idHandler(handler: GetEdgeIdHandler): Handler {
  return async (request) => {
    const id = toId(await handler(parseNewEdge(request.data, request.meta)))
    const bytes = new Uint8Array(8)
    writeU32(bytes, 0, idHigh(id))
    writeU32(bytes, 4, idLow(id))
    return bytes
  }
}
