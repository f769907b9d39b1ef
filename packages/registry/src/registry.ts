import type { Id } from '@frontier/wire'

import type { RegistryEvent, RegistryListener, WatchOptions } from './events.js'
import type { EdgeNamesQuery, EdgeQuery, Page, ServiceNamesQuery, ServiceQuery } from './query.js'
import type { EdgeEntry, EdgeRecord, ServiceEntry, ServiceRecord } from './records.js'

/**
 * Who is online, for reading. Queries are promises, so that an implementation may answer from a database or another thread; each sees all
 * changes made before it was asked.
 */
export interface RegistryReader {
  /** How many edges are online. */
  readonly edgeCount: number
  /** How many services are online. */
  readonly serviceCount: number
  /** The edge with that id, or undefined. Ids are compared as 64-bit integers. @throws INVALID_ARGUMENT for a number that is no safe integer. */
  getEdge(edgeId: Id): Promise<EdgeEntry | undefined>
  /** The service with that id, or undefined; as {@link getEdge}. */
  getService(serviceId: Id): Promise<ServiceEntry | undefined>
  /** One page of the edges that fit. @throws INVALID_ARGUMENT for a page, order field or direction that there is not. */
  listEdges(query?: EdgeQuery): Promise<Page<EdgeEntry>>
  /** One page of the services that fit; as {@link listEdges}. */
  listServices(query?: ServiceQuery): Promise<Page<ServiceEntry>>
  /** The distinct methods of the edges that fit. */
  listEdgeMethods(query?: EdgeNamesQuery): Promise<Page<string>>
  /** The distinct methods of the services that fit. */
  listServiceMethods(query?: ServiceNamesQuery): Promise<Page<string>>
  /** The distinct topics of the services that fit. */
  listServiceTopics(query?: ServiceNamesQuery): Promise<Page<string>>
  /** Closes the edge's link. @throws EDGE_NOT_ONLINE; INVALID_ARGUMENT when whoever made this registry gave it no way to. */
  kickEdge(edgeId: Id): Promise<void>
  /** Closes the service's link. @throws SERVICE_NOT_ONLINE; INVALID_ARGUMENT as {@link kickEdge}. */
  kickService(serviceId: Id): Promise<void>
  /** Tells `listener` of every event from now on, until disposed. */
  watch(listener: RegistryListener): Disposable
  /**
   * Every event from now on (not from the first `next`). An iterator that falls too far behind ends with BUFFER_FULL: list again and watch anew.
   * @throws INVALID_ARGUMENT for a maxQueued that is not an integer from 1 on.
   */
  watch(options?: WatchOptions): AsyncIterableIterator<RegistryEvent>
}

/**
 * Who is online, kept up to date by a gateway. Changes are synchronous and cannot fail: a link comes and goes in the middle of a turn of
 * the event loop, and must never wait for a database. An implementation with one does them later, in order.
 */
export interface Registry extends RegistryReader {
  /** `edge` is online, with the methods it has now. Takes the place of another record with its id, which goes offline first. */
  addEdge(edge: EdgeRecord): void
  /** `edge` is no longer online. Nothing happens when another record has taken its place: a late goodbye of a replaced link does no harm. */
  removeEdge(edge: EdgeRecord): void
  /** `edge` has registered `method`. Nothing happens when it had it, or is not online (then `addEdge` will take it along). */
  addEdgeMethod(edge: EdgeRecord, method: string): void
  /** `edge` gave `method` back. */
  removeEdgeMethod(edge: EdgeRecord, method: string): void
  /** As {@link addEdge}, with methods and topics. */
  addService(service: ServiceRecord): void
  /** As {@link removeEdge}. */
  removeService(service: ServiceRecord): void
  /** As {@link addEdgeMethod}. */
  addServiceMethod(service: ServiceRecord, method: string): void
  /** As {@link removeEdgeMethod}. */
  removeServiceMethod(service: ServiceRecord, method: string): void
  /** As {@link addEdgeMethod}, for a topic. */
  addServiceTopic(service: ServiceRecord, topic: string): void
  /** As {@link removeEdgeMethod}, for a topic. */
  removeServiceTopic(service: ServiceRecord, topic: string): void
  /** Changes are written, watchers end. Who was online is forgotten. */
  close(): Promise<void>
}

/** What a registry needs from whoever owns the links. */
export interface RegistryOptions {
  /** Closes the link of that edge; false = it has none. Without this the registry cannot kick. */
  kickEdge?: ((edgeId: bigint) => boolean | Promise<boolean>) | undefined
  /** Closes the link of that service; false = it has none. */
  kickService?: ((serviceId: bigint) => boolean | Promise<boolean>) | undefined
  /** Told what a listener of `watch` throws (default: it is dropped). */
  onListenerError?: ((error: unknown) => void) | undefined
}
