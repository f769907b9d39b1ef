import { randomBytes } from 'node:crypto'
import { FrontierError, type Id } from '@frontier/wire'

import { encodeCursor } from './cursor.js'
import type { RegistryEvent, RegistryListener, WatchOptions } from './events.js'
import { listNames } from './list-names.js'
import type { Condition, PeerFinder } from './listing.js'
import type { Pacer } from './pacer.js'
import { edgeRole, serviceRole, type NameKind, type PeerRecord } from './peer-role.js'
import type { EdgeNamesQuery, EdgeQuery, Page, ServiceNamesQuery, ServiceQuery } from './query.js'
import { edgeEntry, serviceEntry, type EdgeEntry, type EdgeRecord, type ServiceEntry, type ServiceRecord } from './records.js'
import type { Registry, RegistryOptions } from './registry.js'
import { resolveEdgeQuery, resolveNames, resolveServiceQuery, resolveWantedId, type ResolvedQuery } from './resolve-query.js'
import { Roster } from './roster.js'
import type { Bitmap } from './slot-set.js'
import { Watchers } from './watchers.js'

/** Entries made at a time: 0.2 ms. */
const ENTRIES_AT_ONCE = 128

/** What a registry keeps its finders in. */
export interface RegistryBackend {
  edges(roster: Roster<EdgeRecord>): PeerFinder<EdgeRecord>
  services(roster: Roster<ServiceRecord>): PeerFinder<ServiceRecord>
  /** What queries of this registry do in slices goes through this. */
  readonly pacer: Pacer
  close(): Promise<void>
}

/** The registry: who is online, with watchers and kicks. How peers are found is the backend's. */
export class OnlineRegistry implements Registry {
  readonly #edges: Roster<EdgeRecord>
  readonly #services: Roster<ServiceRecord>
  readonly #watchers: Watchers
  readonly #backend: RegistryBackend
  readonly #options: RegistryOptions
  /** Tells the cursors of this registry from those of another. */
  readonly #name: string = randomBytes(6).toString('base64url')

  constructor(backend: RegistryBackend, options: RegistryOptions) {
    this.#backend = backend
    this.#options = options
    this.#edges = new Roster(edgeRole, (roster) => backend.edges(roster))
    this.#services = new Roster(serviceRole, (roster) => backend.services(roster))
    this.#watchers = new Watchers((error) => options.onListenerError?.(error))
  }

  get edgeCount(): number {
    return this.#edges.table.size
  }

  get serviceCount(): number {
    return this.#services.table.size
  }

  addEdge(edge: EdgeRecord): void {
    const current = this.#edges.get(edge.edgeId)
    if (current === edge) return
    if (current !== undefined) this.removeEdge(current)
    this.#edges.add(edge)
    if (this.#watchers.isWatched) this.#watchers.emit({ type: 'online', role: 'edge', edge: edgeEntry(edge) })
  }

  removeEdge(edge: EdgeRecord): void {
    if (!this.#edges.has(edge)) return
    this.#edges.remove(edge)
    if (this.#watchers.isWatched) this.#watchers.emit({ type: 'offline', role: 'edge', edge: edgeEntry(edge) })
  }

  addEdgeMethod(edge: EdgeRecord, method: string): void {
    if (this.#edges.addName(edge, 'method', method)) this.#emitName('registered', 'edge', edge.edgeId, { kind: 'method', name: method })
  }

  removeEdgeMethod(edge: EdgeRecord, method: string): void {
    if (this.#edges.removeName(edge, 'method', method)) this.#emitName('unregistered', 'edge', edge.edgeId, { kind: 'method', name: method })
  }

  addService(service: ServiceRecord): void {
    const current = this.#services.get(service.serviceId)
    if (current === service) return
    if (current !== undefined) this.removeService(current)
    this.#services.add(service)
    if (this.#watchers.isWatched) this.#watchers.emit({ type: 'online', role: 'service', service: serviceEntry(service) })
  }

  removeService(service: ServiceRecord): void {
    if (!this.#services.has(service)) return
    this.#services.remove(service)
    if (this.#watchers.isWatched) this.#watchers.emit({ type: 'offline', role: 'service', service: serviceEntry(service) })
  }

  addServiceMethod(service: ServiceRecord, method: string): void {
    this.#addServiceName(service, 'method', method)
  }

  removeServiceMethod(service: ServiceRecord, method: string): void {
    this.#removeServiceName(service, 'method', method)
  }

  addServiceTopic(service: ServiceRecord, topic: string): void {
    this.#addServiceName(service, 'topic', topic)
  }

  removeServiceTopic(service: ServiceRecord, topic: string): void {
    this.#removeServiceName(service, 'topic', topic)
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
    return this.#list(this.#edges, resolveEdgeQuery(query, this.#name), edgeEntry)
  }

  async listServices(query: ServiceQuery = {}): Promise<Page<ServiceEntry>> {
    return this.#list(this.#services, resolveServiceQuery(query, this.#name), serviceEntry)
  }

  async listEdgeMethods(query: EdgeNamesQuery = {}): Promise<Page<string>> {
    return this.#listNames(this.#edges, 'method', query)
  }

  async listServiceMethods(query: ServiceNamesQuery = {}): Promise<Page<string>> {
    return this.#listNames(this.#services, 'method', query)
  }

  async listServiceTopics(query: ServiceNamesQuery = {}): Promise<Page<string>> {
    return this.#listNames(this.#services, 'topic', query)
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
    const closing = this.#backend.close() // it need not hear that all of them go
    for (const edge of this.#edges.table.snapshot()) if (edge !== undefined) this.removeEdge(edge)
    for (const service of this.#services.table.snapshot()) if (service !== undefined) this.removeService(service)
    await closing
  }

  #addServiceName(service: ServiceRecord, kind: 'method' | 'topic', name: string): void {
    if (this.#services.addName(service, kind, name)) this.#emitName('registered', 'service', service.serviceId, { kind, name })
  }

  #removeServiceName(service: ServiceRecord, kind: 'method' | 'topic', name: string): void {
    if (this.#services.removeName(service, kind, name)) this.#emitName('unregistered', 'service', service.serviceId, { kind, name })
  }

  async #list<R extends PeerRecord, E>(roster: Roster<R>, { listing, identity }: ResolvedQuery, entryOf: (record: R) => E): Promise<Page<E>> {
    if (roster.table.size === 0) return { items: [], count: 0, next: undefined }
    // Who comes while the answer is made may be on this page, but is not on those that follow.
    const latest = Math.min(listing.latest, roster.table.lastArrival)
    const { records, count, last } = await roster.finder.list(listing)
    const items: E[] = []
    function* makeEntries(): Generator<undefined, void> {
      for (const record of records) if (items.push(entryOf(record)) % ENTRIES_AT_ONCE === 0) yield
    }
    await this.#backend.pacer.run(makeEntries())
    const next = last && encodeCursor({ query: identity, registry: this.#name, latest, ...last })
    return { items, count, next }
  }

  async #listNames<R extends PeerRecord>(roster: Roster<R>, kind: NameKind, query: EdgeNamesQuery | ServiceNamesQuery): Promise<Page<string>> {
    const names = resolveNames(query, [roster.role.role, kind], this.#name)
    const slots = await this.#slotsOf(roster, names.conditions)
    const { items, count, hasMore } = await listNames(roster.names[kind], slots, names, this.#backend.pacer)
    const last = hasMore ? items.at(-1) : undefined
    const cursor = { query: names.identity, registry: this.#name, latest: 0, id: 0n }
    return { items, count, next: last === undefined ? undefined : encodeCursor({ ...cursor, key: last }) }
  }

  /** Whose names count; undefined = everybody's. */
  async #slotsOf<R extends PeerRecord>({ table, finder }: Roster<R>, conditions: readonly Condition[]): Promise<Bitmap | undefined> {
    return conditions.length === 0 || table.size === 0 ? undefined : finder.match(conditions)
  }

  #emitName(
    type: 'registered' | 'unregistered',
    role: 'edge' | 'service',
    id: bigint,
    { kind, name }: { kind: 'method' | 'topic'; name: string },
  ): void {
    if (this.#watchers.isWatched) this.#watchers.emit({ type, role, id, kind, name })
  }
}
