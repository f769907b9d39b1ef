import { createMemoryRegistry, type EdgeRecord, type Registry, type ServiceRecord } from '@frontier/registry'
import { FrontierError, toBytes } from '@frontier/wire'

import type { Ban, BridgeEntry, ControlPlaneBackend, EdgeReply, EdgeRequest, EventPeer, GatewayEvent, GatewayStats, PeerRole, ServiceBan, ServiceTarget } from '../src/backend.js'

type Details<E = GatewayEvent> = E extends GatewayEvent ? Omit<E, 'seq' | 'at' | 'peer'> : never

const textOfId = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)

/** A gateway without links: a registry that tests fill, and edges that echo. */
export class FakeBackend implements ControlPlaneBackend {
  readonly registry: Registry
  readonly published: { edgeId: bigint; topic: string; data: Uint8Array; isAtMostOnce: boolean }[] = []
  readonly drains: (number | undefined)[] = []
  readonly kicked: { role: PeerRole; id: bigint; reason: string }[] = []
  isDraining = false
  /** Replaces the echo. */
  onCall: ((edgeId: bigint, method: string, request: EdgeRequest) => Promise<EdgeReply>) | undefined
  readonly #listeners = new Set<(event: GatewayEvent) => void>()
  readonly #drainListeners = new Set<() => void>()
  readonly #bans = new Map<bigint, Ban>()
  readonly #serviceBans = new Map<string, ServiceBan>()
  readonly #edges = new Map<bigint, EdgeRecord>()
  readonly #services = new Map<bigint, ServiceRecord>()
  #seq = 0

  constructor(registry: Registry = createMemoryRegistry()) {
    this.registry = registry
  }

  /** How many listen to events. */
  get watching(): number {
    return this.#listeners.size
  }

  addEdge(fields: Partial<Omit<EdgeRecord, 'meta'>> & { edgeId: bigint; meta?: string }): EdgeRecord {
    const { meta = '', ...rest } = fields
    const edge = { labels: {}, address: '127.0.0.1:1', generation: 1, at: Date.now(), methods: [], ...rest, meta: new Uint8Array(toBytes(meta)) }
    this.#edges.set(edge.edgeId, edge)
    this.registry.addEdge(edge)
    return edge
  }

  removeEdge(edge: EdgeRecord): void {
    this.#edges.delete(edge.edgeId)
    this.registry.removeEdge(edge)
  }

  addService(fields: Partial<ServiceRecord> & { serviceId: bigint }): ServiceRecord {
    const service = { name: '', labels: {}, address: '127.0.0.1:2', at: Date.now(), methods: [], topics: [], ...fields }
    this.#services.set(service.serviceId, service)
    this.registry.addService(service)
    return service
  }

  emit(peer: Partial<EventPeer>, details: Details): void {
    const event: GatewayEvent = { seq: ++this.#seq, at: Date.now(), peer: { role: 'edge', id: 0n, name: '', address: '', ...peer }, ...details }
    for (const listener of [...this.#listeners]) listener(event)
  }

  onDraining(listener: () => void): Disposable {
    this.#drainListeners.add(listener)
    return { [Symbol.dispose]: () => void this.#drainListeners.delete(listener) }
  }

  kick(role: PeerRole, id: bigint, reason: string): boolean {
    const edge = role === 'edge' ? this.#edges.get(id) : undefined
    const service = role === 'service' ? this.#services.get(id) : undefined
    if (edge === undefined && service === undefined) return false
    this.kicked.push({ role, id, reason })
    if (edge !== undefined) this.removeEdge(edge)
    if (service !== undefined) {
      this.#services.delete(id)
      this.registry.removeService(service)
    }
    return true
  }

  ban(ban: Ban): { wasOnline: boolean } {
    this.#bans.set(ban.edgeId, ban)
    return { wasOnline: this.kick('edge', ban.edgeId, ban.reason) }
  }

  unban(edgeId: bigint): boolean {
    return this.#bans.delete(edgeId)
  }

  bans(): Ban[] {
    return [...this.#bans.values()].sort((a, b) => (a.edgeId < b.edgeId ? -1 : 1))
  }

  banService(ban: ServiceBan): { closed: number } {
    const { target, reason } = ban
    this.#serviceBans.set(JSON.stringify(target, textOfId), ban)
    const ids = 'name' in target ? [...this.#services.values()].filter(({ name }) => name === target.name).map(({ serviceId }) => serviceId) : [target.serviceId]
    return { closed: ids.filter((id) => this.kick('service', id, reason)).length }
  }

  unbanService(target: ServiceTarget): boolean {
    return this.#serviceBans.delete(JSON.stringify(target, textOfId))
  }

  serviceBans(): ServiceBan[] {
    return [...this.#serviceBans.values()]
  }

  bridges(): BridgeEntry[] {
    const counts = { published: 2 ** 53 - 1, refused: 1, waiting: 2, waitingBytes: 3, delivered: 4, deadLettered: 5, reconnects: 6 }
    const lastError = { code: 'BRIDGE_UNAVAILABLE', reason: 'gone', at: 1_790_000_000_123 }
    return [
      { name: 'kafka', topics: ['a.>', '*'], state: 'offline', ...counts, lastError },
      { name: 'fresh', topics: [], state: 'online', ...counts },
    ]
  }

  async callEdge(edgeId: bigint, method: string, request: EdgeRequest): Promise<EdgeReply> {
    if (!this.#edges.has(edgeId)) throw new FrontierError('EDGE_NOT_ONLINE', `edge ${edgeId} is not online`)
    if (this.onCall !== undefined) return this.onCall(edgeId, method, request)
    return { data: request.data, meta: request.meta }
  }

  async publishEdge(edgeId: bigint, topic: string, request: EdgeRequest & { isAtMostOnce: boolean }): Promise<void> {
    if (!this.#edges.has(edgeId)) throw new FrontierError('EDGE_NOT_ONLINE', `edge ${edgeId} is not online`)
    this.published.push({ edgeId, topic, data: request.data, isAtMostOnce: request.isAtMostOnce })
  }

  watch(listener: (event: GatewayEvent) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  async stats(): Promise<GatewayStats> {
    const zero = { pending: 0, calls: 7, messages: 0, answers: 0, streamsOpened: 0, streamsRefused: 0, bufferFull: 0, notOnline: 0, expired: 0 }
    const more = { dropped: 0, slowConsumers: 0, streamViolations: 0, bytesIn: 2 ** 40, bytesOut: 1, refused: { TIMEOUT: 3 }, ended: {} }
    const { edgeCount: edges, serviceCount: services } = this.registry
    return { startId: 's', frontierId: 'f', startedAt: 1, edges, services, ...zero, ...more, bans: this.#bans.size, loopDelayP50Ms: 0.25, loopDelayP99Ms: 1500.5, latency: { samples: 3, p50Ms: 0.5, p99Ms: 2 } }
  }

  drain(timeoutMs: number | undefined): void {
    this.drains.push(timeoutMs)
    this.isDraining = true
    for (const listener of this.#drainListeners) listener()
  }
}
