import type { Ban, BridgeEntry, ControlPlaneBackend, EdgeReply, EdgeRequest, GatewayEvent, GatewayStats, PeerRole, ServiceBan, ServiceTarget } from '@frontier/controlplane'
import type { RegistryReader } from '@frontier/registry'
import { FrontierError } from '@frontier/wire'
import type { GatewayCore } from './gateway-core.js'
import { LoopDelay } from './loop-delay.js'
import type { Shutdown } from './shutdown.js'

/** What operators see and do of a gateway, for its control plane. */
export class ControlBackend implements ControlPlaneBackend {
  readonly #core: GatewayCore
  readonly #shutdown: Shutdown
  readonly #loopDelay = new LoopDelay()
  readonly #latency: Disposable
  readonly #startedAt = Date.now()

  constructor(core: GatewayCore, shutdown: Shutdown) {
    this.#core = core
    this.#shutdown = shutdown
    this.#latency = core.exchange.latency.start()
  }

  get registry(): RegistryReader {
    return this.#core.registry
  }

  get isDraining(): boolean {
    return this.#core.isDraining
  }

  onDraining(listener: () => void): Disposable {
    return this.#shutdown.onDraining(listener)
  }

  kick(role: PeerRole, id: bigint, reason: string): boolean {
    return this.#core.live.kick(role, id, reason)
  }

  ban(ban: Ban): { wasOnline: boolean } {
    this.#core.bans.banEdge(ban)
    return { wasOnline: this.kick('edge', ban.edgeId, ban.reason === '' ? 'the edge was banned' : ban.reason) }
  }

  unban(edgeId: bigint): boolean {
    return this.#core.bans.unbanEdge(edgeId)
  }

  bridges(): BridgeEntry[] {
    return this.#core.exchange.bridges.list().map((bridge) => ({ name: bridge.name, topics: bridge.topics, ...bridge.status() }))
  }

  bans(): Ban[] {
    return this.#core.bans.ofEdges()
  }

  banService(ban: ServiceBan): { closed: number } {
    this.#core.bans.banService(ban)
    const reason = ban.reason === '' ? 'the service was banned' : ban.reason
    if ('name' in ban.target) return { closed: this.#core.live.kickNamed(ban.target.name, reason) }
    return { closed: this.kick('service', ban.target.serviceId, reason) ? 1 : 0 }
  }

  unbanService(target: ServiceTarget): boolean {
    return this.#core.bans.unbanService(target)
  }

  serviceBans(): ServiceBan[] {
    return this.#core.bans.ofServices()
  }

  callEdge(edgeId: bigint, method: string, request: EdgeRequest): Promise<EdgeReply> {
    return this.#core.exchange.callEdge(edgeId, method, request)
  }

  publishEdge(edgeId: bigint, topic: string, request: EdgeRequest & { isAtMostOnce: boolean }): Promise<void> {
    return this.#core.exchange.publishToEdge(edgeId, topic, request)
  }

  watch(listener: (event: GatewayEvent) => void): Disposable {
    return this.#core.operatorEvents.listen(listener)
  }

  async stats(): Promise<GatewayStats> {
    const { settings, startId, registry, exchange, live, traffic, refusals, endings, bans } = this.#core
    const { calls, messages, answers, streamsOpened, streamsRefused, bufferFull, notOnline, expired, dropped } = exchange.counters
    const { slowConsumers, streamViolations } = exchange.counters
    const { p50Ms: loopDelayP50Ms, p99Ms: loopDelayP99Ms } = this.#loopDelay.figures()
    return {
      startId,
      frontierId: settings.frontierId,
      startedAt: this.#startedAt,
      edges: registry.edgeCount,
      services: registry.serviceCount,
      pending: exchange.pendingCount,
      ...{ calls, messages, answers, streamsOpened, streamsRefused, bufferFull, notOnline, expired, dropped, slowConsumers, streamViolations },
      ...(await traffic.sums(live)),
      refused: refusals.snapshot(),
      ended: endings.snapshot(),
      bans: bans.size,
      loopDelayP50Ms,
      loopDelayP99Ms,
      latency: exchange.latency.figures(),
    }
  }

  drain(timeoutMs: number = this.#core.settings.drainTimeoutMs): void {
    this.#shutdown.drain(timeoutMs).catch((error: unknown) => {
      this.#core.settings.logger.error({ error: new FrontierError('UNAVAILABLE', String(error)) }, 'the drain failed')
    })
  }

  /** Nothing is measured any more. */
  close(): void {
    this.#loopDelay.close()
    this.#latency[Symbol.dispose]()
  }
}
