import { randomBytes } from 'node:crypto'
import { Exchange, type Peer } from '@frontier/exchange'
import { Sweep, type Link } from '@frontier/mux'
import type { Registry } from '@frontier/registry'
import type { FrontierError } from '@frontier/wire'
import { Bans } from './bans.js'
import { Credentials } from './credentials.js'
import { DeadlineQueue, type Deadlined } from './deadline-queue.js'
import { EdgeEvents } from './edge-events.js'
import { EdgeIds } from './edge-ids.js'
import { Generations } from './generation.js'
import { HelloBudget } from './hello-budget.js'
import { IdAllotter } from './id-allotter.js'
import { IdClaims } from './id-claims.js'
import { IdService } from './id-service.js'
import { KeepAlive } from './keep-alive.js'
import { LivePeers } from './live-peers.js'
import { memoryRegistry } from './open-registry.js'
import { OperatorEvents } from './operator-events.js'
import { Refusals } from './refusals.js'
import { ResumeTokens } from './resume-token.js'
import type { GatewaySettings } from './settings.js'
import { Traffic } from './traffic.js'

const LONGEST_TICK_MS = 250
const SHORTEST_TICK_MS = 10
const TICKS_PER_PING_INTERVAL = 32

/** What all links of one gateway share, wired together. Knows no listeners. */
export class GatewayCore {
  readonly settings: GatewaySettings
  /** Tells services when the gateway began anew. */
  readonly startId: string = randomBytes(12).toString('base64url')
  readonly sweep: Sweep
  readonly exchange: Exchange
  readonly registry: Registry
  readonly live: LivePeers
  readonly budget: HelloBudget = new HelloBudget()
  readonly refusals: Refusals = new Refusals()
  /** Of links that had been let in. */
  readonly endings: Refusals = new Refusals()
  readonly generations: Generations = new Generations()
  readonly allotter: IdAllotter = new IdAllotter()
  readonly tokens: ResumeTokens
  readonly credentials: Credentials
  readonly edgeClaims: IdClaims
  readonly serviceClaims: IdClaims
  readonly edgeIds: EdgeIds
  readonly events: EdgeEvents
  readonly bans: Bans = new Bans()
  readonly operatorEvents: OperatorEvents
  readonly traffic: Traffic = new Traffic()
  /** Nobody is let in any more. */
  isDraining = false
  readonly #idService: IdService
  readonly #keepAlive: KeepAlive
  readonly #checks: DeadlineQueue<Deadlined>
  readonly #wantSnapshot = new WeakSet<Peer>()

  /** `registry` kicks the peers of `live`. */
  constructor(settings: GatewaySettings, live: LivePeers = new LivePeers(), registry: Registry = memoryRegistry(settings, live)) {
    const { edge, service, hookTimeoutMs } = settings
    this.settings = settings
    this.live = live
    this.registry = registry
    this.sweep = new Sweep(tickFor(Math.min(edge.pingIntervalMs, service.pingIntervalMs)))
    this.exchange = new Exchange({
      hashBy: settings.hashBy,
      limits: { edge: edge.limits, service: service.limits },
      maxPayloadBytes: settings.maxPayloadBytes,
      sweep: this.sweep,
      events: {
        peerOffline: (peer, error) => {
          this.#peerOffline(peer, error)
        },
        registered: (peer, name, kind) => {
          this.#registered(peer, name, kind)
        },
        unregistered: (peer, name, kind) => {
          this.#unregistered(peer, name, kind)
        },
      },
    })
    this.operatorEvents = new OperatorEvents({ registry, peer: (role, id) => live.of(role).get(id) })
    live.onKick = (peer, reason) => {
      this.operatorEvents.kick(peer, reason)
    }
    this.tokens = new ResumeTokens({ key: settings.resumeKey, ttlMs: settings.resumeTtlMs })
    this.#checks = new DeadlineQueue(this.sweep, hookTimeoutMs)
    this.credentials = new Credentials(settings.authenticate, this.#checks, (error) => {
      settings.logger.warn({ error }, 'authenticate threw')
    })
    this.edgeClaims = new IdClaims(this.live.edges, true)
    this.serviceClaims = new IdClaims(this.live.services, false)
    this.#idService = new IdService(this.exchange, hookTimeoutMs)
    this.edgeIds = new EdgeIds({
      allocation: settings.edgeIdAllocation,
      idService: this.#idService,
      allotter: this.allotter,
      isTaken: (id) => this.edgeClaims.isTaken(id),
    })
    this.events = new EdgeEvents({ exchange: this.exchange, sweep: this.sweep, timeoutMs: hookTimeoutMs })
    this.#keepAlive = new KeepAlive(this.sweep, this.exchange, this.live, settings)
  }

  /** `peer` was admitted and has its WELCOME. */
  entered(peer: Peer): void {
    this.live.add(peer)
    if (peer.role === 'edge') this.registry.addEdge(peer)
    else this.registry.addService(peer)
  }

  /** The rest of that for a service. */
  serviceEntered(service: Peer, wantsSnapshot: boolean): void {
    if (service.methods.includes('get_edge_id')) this.#idService.hasBeenSeen = true
    if (!wantsSnapshot) return
    this.#wantSnapshot.add(service)
    this.events.snapshot(service, this.live.edges.values())
  }

  /** A link ended before it was let in; `who` is as much as is known of it. */
  countRefusal(link: Link, role: 'edge' | 'service', error: FrontierError, who: { id?: bigint | undefined; name?: string } = {}): void {
    this.refusals.add(error.code)
    this.operatorEvents.refusal({ role, id: who.id ?? 0n, name: who.name ?? '', address: link.pipe.remoteAddress }, error)
    this.settings.logger.debug({ role, address: link.pipe.remoteAddress, code: error.code, reason: error.reason }, 'a link was not let in')
  }

  /** Stops all clocks. Links are closed by whoever calls this. */
  async close(): Promise<void> {
    this.#keepAlive.close()
    this.#checks.close()
    this.events.close()
    this.exchange.close()
    await this.registry.close()
  }

  #peerOffline(peer: Peer, error: FrontierError): void {
    this.live.remove(peer)
    this.endings.add(error.code)
    this.traffic.gone(peer)
    const { role, id, address } = peer
    this.settings.logger.debug({ role, id: id.toString(), address, code: error.code, reason: error.reason }, 'a link ended')
    if (role === 'edge') {
      this.registry.removeEdge(peer)
      this.events.offline(peer)
    } else {
      this.registry.removeService(peer)
      this.events.serviceGone(peer)
    }
    this.operatorEvents.offline(peer, error)
  }

  #registered(peer: Peer, name: string, kind: 'method' | 'topic'): void {
    if (peer.role === 'edge') {
      this.registry.addEdgeMethod(peer, name)
      return
    }
    if (kind === 'topic') {
      this.registry.addServiceTopic(peer, name)
      return
    }
    this.registry.addServiceMethod(peer, name)
    if (name === 'get_edge_id') this.#idService.hasBeenSeen = true
    if (name === 'edge_online' && this.#wantSnapshot.has(peer)) this.events.snapshot(peer, this.live.edges.values())
  }

  #unregistered(peer: Peer, name: string, kind: 'method' | 'topic'): void {
    if (peer.role === 'edge') this.registry.removeEdgeMethod(peer, name)
    else if (kind === 'topic') this.registry.removeServiceTopic(peer, name)
    else this.registry.removeServiceMethod(peer, name)
  }
}

function tickFor(pingIntervalMs: number): number {
  return Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, Math.floor(pingIntervalMs / TICKS_PER_PING_INTERVAL)))
}
