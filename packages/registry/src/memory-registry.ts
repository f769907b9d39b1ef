import { FrontierError, type Id } from '@frontier/wire'

import type { RegistryEvent, RegistryListener, WatchOptions } from './events.js'
import { decodeCursor, encodeCursor } from './cursor.js'
import { NameIndex } from './name-index.js'
import { edgeTests, serviceTests } from './peer-filter.js'
import { edgeCompare, nameCompare, serviceCompare, type OrderedPeer } from './peer-order.js'
import { PeerTable } from './peer-table.js'
import type {
  EdgeFilter,
  EdgeNamesQuery,
  EdgeOrder,
  EdgeQuery,
  Page,
  ServiceFilter,
  ServiceNamesQuery,
  ServiceOrder,
  ServiceQuery,
} from './query.js'
import {
  edgeEntry,
  serviceEntry,
  type EdgeEntry,
  type EdgeRecord,
  type ServiceEntry,
  type ServiceRecord,
} from './records.js'
import type { Registry, RegistryOptions } from './registry.js'
import { resolveDirection, resolveOrder, resolvePaging, resolveWantedId } from './resolve-query.js'
import { selectPage, type Compare } from './select-page.js'
import { Watchers } from './watchers.js'

const edgeOrders: readonly [EdgeOrder, ...EdgeOrder[]] = ['at', 'edgeId', 'address', 'meta']
const serviceOrders: readonly [ServiceOrder, ...ServiceOrder[]] = ['at', 'serviceId', 'address', 'name']

/** A registry in the memory of this process. */
export function createMemoryRegistry(options: RegistryOptions = {}): Registry {
  return new MemoryRegistry(options)
}

class MemoryRegistry implements Registry {
  readonly #edges = new PeerTable<EdgeRecord>()
  readonly #edgeMethods = new NameIndex<EdgeRecord>()
  readonly #services = new PeerTable<ServiceRecord>()
  readonly #serviceMethods = new NameIndex<ServiceRecord>()
  readonly #serviceTopics = new NameIndex<ServiceRecord>()
  readonly #serviceNames = new NameIndex<ServiceRecord>()
  readonly #watchers: Watchers
  readonly #options: RegistryOptions

  constructor(options: RegistryOptions) {
    this.#options = options
    this.#watchers = new Watchers((error) => options.onListenerError?.(error))
  }

  get edgeCount(): number {
    return this.#edges.size
  }

  get serviceCount(): number {
    return this.#services.size
  }

  addEdge(edge: EdgeRecord): void {
    const current = this.#edges.get(edge.edgeId)
    if (current === edge) return
    if (current !== undefined) this.removeEdge(current)
    this.#edges.set(edge.edgeId, edge)
    for (const method of edge.methods) this.#edgeMethods.add(method, edge)
    if (this.#watchers.isWatched) this.#watchers.emit({ type: 'online', role: 'edge', edge: edgeEntry(edge) })
  }

  removeEdge(edge: EdgeRecord): void {
    if (!this.#isCurrentEdge(edge)) return
    this.#edges.delete(edge.edgeId)
    for (const method of edge.methods) this.#edgeMethods.delete(method, edge)
    if (this.#watchers.isWatched) this.#watchers.emit({ type: 'offline', role: 'edge', edge: edgeEntry(edge) })
  }

  addEdgeMethod(edge: EdgeRecord, method: string): void {
    if (!this.#isCurrentEdge(edge) || !this.#edgeMethods.add(method, edge)) return
    this.#emitName({ type: 'registered', role: 'edge', id: edge.edgeId, kind: 'method', name: method })
  }

  removeEdgeMethod(edge: EdgeRecord, method: string): void {
    if (!this.#edgeMethods.delete(method, edge)) return
    this.#emitName({ type: 'unregistered', role: 'edge', id: edge.edgeId, kind: 'method', name: method })
  }

  addService(service: ServiceRecord): void {
    const current = this.#services.get(service.serviceId)
    if (current === service) return
    if (current !== undefined) this.removeService(current)
    this.#services.set(service.serviceId, service)
    this.#serviceNames.add(service.name, service)
    for (const method of service.methods) this.#serviceMethods.add(method, service)
    for (const topic of service.topics) this.#serviceTopics.add(topic, service)
    if (this.#watchers.isWatched) this.#watchers.emit({ type: 'online', role: 'service', service: serviceEntry(service) })
  }

  removeService(service: ServiceRecord): void {
    if (!this.#isCurrentService(service)) return
    this.#services.delete(service.serviceId)
    this.#serviceNames.delete(service.name, service)
    for (const method of service.methods) this.#serviceMethods.delete(method, service)
    for (const topic of service.topics) this.#serviceTopics.delete(topic, service)
    if (this.#watchers.isWatched) this.#watchers.emit({ type: 'offline', role: 'service', service: serviceEntry(service) })
  }

  addServiceMethod(service: ServiceRecord, method: string): void {
    if (!this.#isCurrentService(service) || !this.#serviceMethods.add(method, service)) return
    this.#emitName({ type: 'registered', role: 'service', id: service.serviceId, kind: 'method', name: method })
  }

  removeServiceMethod(service: ServiceRecord, method: string): void {
    if (!this.#serviceMethods.delete(method, service)) return
    this.#emitName({ type: 'unregistered', role: 'service', id: service.serviceId, kind: 'method', name: method })
  }

  addServiceTopic(service: ServiceRecord, topic: string): void {
    if (!this.#isCurrentService(service) || !this.#serviceTopics.add(topic, service)) return
    this.#emitName({ type: 'registered', role: 'service', id: service.serviceId, kind: 'topic', name: topic })
  }

  removeServiceTopic(service: ServiceRecord, topic: string): void {
    if (!this.#serviceTopics.delete(topic, service)) return
    this.#emitName({ type: 'unregistered', role: 'service', id: service.serviceId, kind: 'topic', name: topic })
  }

  async getEdge(edgeId: Id): Promise<EdgeEntry | undefined> {
    const edge = this.#edges.get(resolveWantedId(edgeId))
    return edge && edgeEntry(edge)
  }

  async getService(serviceId: Id): Promise<ServiceEntry | undefined> {
    const service = this.#services.get(resolveWantedId(serviceId))
    return service && serviceEntry(service)
  }

  async listEdges(query: EdgeQuery = {}): Promise<Page<EdgeEntry>> {
    const compare = edgeCompare(resolveOrder(query.orderBy, edgeOrders), resolveDirection(query.direction, 'desc'))
    const matches = this.#matchingEdges(query)
    return pageOfRecords(matches, compare, query, {
      role: 'edge',
      entryOf: edgeEntry,
      placeOf: ({ edgeId, at, address, meta }) => ({ id: edgeId, at, address, tag: meta }),
      recordOf: ({ id, at, address, tag }) => ({ edgeId: id, at, address, meta: tag as Uint8Array, labels: {}, generation: 0, methods: [] }),
    })
  }

  async listServices(query: ServiceQuery = {}): Promise<Page<ServiceEntry>> {
    const compare = serviceCompare(resolveOrder(query.orderBy, serviceOrders), resolveDirection(query.direction, 'desc'))
    const matches = this.#matchingServices(query)
    return pageOfRecords(matches, compare, query, {
      role: 'service',
      entryOf: serviceEntry,
      placeOf: ({ serviceId, at, address, name }) => ({ id: serviceId, at, address, tag: name }),
      recordOf: ({ id, at, address, tag }) => ({ serviceId: id, at, address, name: tag as string, labels: {}, methods: [], topics: [] }),
    })
  }

  async listEdgeMethods(query: EdgeNamesQuery = {}): Promise<Page<string>> {
    if (isEverybody(query)) return pageOfNames(this.#edgeMethods.names(), query)
    return pageOfNames(namesOf(this.#matchingEdges(query), (edge) => edge.methods), query)
  }

  async listServiceMethods(query: ServiceNamesQuery = {}): Promise<Page<string>> {
    return pageOfNames(namesOf(this.#matchingServices(query), (service) => service.methods), query)
  }

  async listServiceTopics(query: ServiceNamesQuery = {}): Promise<Page<string>> {
    return pageOfNames(namesOf(this.#matchingServices(query), (service) => service.topics), query)
  }

  async kickEdge(edgeId: Id): Promise<void> {
    const id = resolveWantedId(edgeId)
    if (this.#options.kickEdge === undefined) throw new FrontierError('INVALID_ARGUMENT', 'this registry cannot kick edges')
    if (!(await this.#options.kickEdge(id))) throw new FrontierError('EDGE_NOT_ONLINE', `edge ${id.toString()} is not online`)
  }

  async kickService(serviceId: Id): Promise<void> {
    const id = resolveWantedId(serviceId)
    if (this.#options.kickService === undefined) throw new FrontierError('INVALID_ARGUMENT', 'this registry cannot kick services')
    if (!(await this.#options.kickService(id))) {
      throw new FrontierError('SERVICE_NOT_ONLINE', `service ${id.toString()} is not online`)
    }
  }

  watch(listener: RegistryListener): Disposable
  watch(options?: WatchOptions): AsyncIterableIterator<RegistryEvent>
  watch(target: RegistryListener | WatchOptions = {}): Disposable | AsyncIterableIterator<RegistryEvent> {
    return typeof target === 'function' ? this.#watchers.listen(target) : this.#watchers.iterate(target)
  }

  async close(): Promise<void> {
    this.#watchers.close()
    for (const edge of this.#edges.matches({ id: undefined, names: [] }, [])) this.removeEdge(edge)
    for (const service of this.#services.matches({ id: undefined, names: [] }, [])) this.removeService(service)
  }

  #isCurrentEdge(edge: EdgeRecord): boolean {
    return this.#edges.get(edge.edgeId) === edge
  }

  #isCurrentService(service: ServiceRecord): boolean {
    return this.#services.get(service.serviceId) === service
  }

  #matchingEdges(filter: EdgeFilter): EdgeRecord[] {
    const { edgeId, method } = filter
    const id = edgeId === undefined ? undefined : resolveWantedId(edgeId)
    return this.#edges.matches({ id, names: [{ index: this.#edgeMethods, name: method }] }, edgeTests(filter))
  }

  #matchingServices(filter: ServiceFilter): ServiceRecord[] {
    const { serviceId, name, method, topic } = filter
    const id = serviceId === undefined ? undefined : resolveWantedId(serviceId)
    const names = [
      { index: this.#serviceNames, name },
      { index: this.#serviceMethods, name: method },
      { index: this.#serviceTopics, name: topic },
    ]
    return this.#services.matches({ id, names }, serviceTests(filter))
  }

  #emitName(event: RegistryEvent): void {
    if (this.#watchers.isWatched) this.#watchers.emit(event)
  }
}

interface Kind<R, E> {
  role: string
  entryOf: (record: R) => E
  placeOf: (record: R) => OrderedPeer
  recordOf: (place: OrderedPeer) => R
}

/** One page, by its number or behind a cursor. */
function pageOfRecords<R extends { at: number }, E>(matches: R[], compare: Compare<R>, query: EdgeQuery | ServiceQuery, kind: Kind<R, E>): Page<E> {
  const range = resolvePaging(query)
  const { after, page: _page, pageSize: _pageSize, ...conditions } = query
  const name = JSON.stringify([kind.role, conditions], (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
  const cursor = after === undefined ? undefined : decodeCursor(name, after)
  const begunAt = cursor?.begunAt ?? Date.now()
  const place = cursor && kind.recordOf(cursor.place)
  const rest = place === undefined ? matches : matches.filter((record) => record.at <= begunAt && compare(record, place) > 0)
  const { start, end } = cursor === undefined ? range : { start: 0, end: range.end - range.start }
  const found = selectPage(rest, compare, { start, end: end + 1 })
  const items = found.slice(0, end - start)
  const last = found.length > items.length ? items.at(-1) : undefined
  const next = last === undefined ? undefined : encodeCursor(name, { place: kind.placeOf(last), begunAt })
  return { count: matches.length, items: items.map(kind.entryOf), next }
}

/** Whether nothing narrows the search: then the index knows all names, without a look at 100,000 edges. */
function isEverybody(query: EdgeNamesQuery): boolean {
  const { page: _page, pageSize: _pageSize, direction: _direction, ...filter } = query
  return Object.values(filter).every((value) => value === undefined)
}

function namesOf<R>(records: readonly R[], names: (record: R) => Iterable<string>): Set<string> {
  const distinct = new Set<string>()
  for (const record of records) for (const name of names(record)) distinct.add(name)
  return distinct
}

function pageOfNames(names: Iterable<string>, query: EdgeNamesQuery): Page<string> {
  const all = [...names]
  const compare = nameCompare(resolveDirection(query.direction, 'asc'))
  return { count: all.length, items: selectPage(all, compare, resolvePaging(query)) }
}
