import type { EdgeEntry, RegistryReader, ServiceEntry } from '@frontier/registry'

/** Which side of the gateway a peer has dialled. */
export type PeerRole = 'edge' | 'service'

/** What a control plane needs of its gateway. Methods that fail do so with a FrontierError. */
export interface ControlPlaneBackend {
  readonly registry: RegistryReader
  /** The gateway takes nothing new. */
  readonly isDraining: boolean
  /** Calls `listener` once when that comes true. */
  onDraining(listener: () => void): Disposable
  /** Closes a peer's link with KICKED and `reason`; false = it has none. */
  kick(role: PeerRole, id: bigint, reason: string): boolean
  /** Keeps an edge out and closes the link that it has. @throws RATE_LIMITED when there are too many bans. */
  ban(ban: Ban): { wasOnline: boolean }
  /** False = there was none. */
  unban(edgeId: bigint): boolean
  /** Those in force, by edge id. */
  bans(): Ban[]
  /** Keeps services out and closes the links that they have. @throws RATE_LIMITED when there are too many bans. */
  banService(ban: ServiceBan): { closed: number }
  /** False = there was none. */
  unbanService(target: ServiceTarget): boolean
  /** Those in force: by name, then by id. */
  serviceBans(): ServiceBan[]
  /** In the order in which they were added. */
  bridges(): BridgeEntry[]
  /** Rejects with EDGE_NOT_ONLINE, RPC_NOT_ONLINE, TIMEOUT, what the edge answered, CANCELLED when `signal` aborts. */
  callEdge(edgeId: bigint, method: string, request: EdgeRequest): Promise<EdgeReply>
  /** Resolves when the edge is done with the message. Rejects as {@link callEdge}. */
  publishEdge(edgeId: bigint, topic: string, request: EdgeRequest & { isAtMostOnce: boolean }): Promise<void>
  /** Tells `listener` of all that happens, at once and on the gateway's time, until disposed. */
  watch(listener: (event: GatewayEvent) => void): Disposable
  stats(): Promise<GatewayStats>
  /** Begins to drain; `timeoutMs` undefined = as configured. */
  drain(timeoutMs: number | undefined): void
}

/** Why, by whom and until when somebody is kept out; times are Unix milliseconds. */
export interface BanTerms {
  reason: string
  /** Who said so. */
  by: string
  since: number
  /** undefined = until it is taken back. */
  until: number | undefined
}

/** An edge id that is kept out. */
export interface Ban extends BanTerms {
  edgeId: bigint
}

/** A bridge into a message broker. */
export interface BridgeEntry {
  name: string
  topics: readonly string[]
  state: string
  published: number
  refused: number
  waiting: number
  waitingBytes: number
  delivered: number
  deadLettered: number
  reconnects: number
  /** Unix milliseconds. */
  lastError?: { readonly code: string; readonly reason: string; readonly at: number }
}

/** All services of one name, or the one with an id. */
export type ServiceTarget = { readonly name: string } | { readonly serviceId: bigint }

/** Services that are kept out. */
export interface ServiceBan extends BanTerms {
  target: ServiceTarget
}

/** What an edge is asked. */
export interface EdgeRequest {
  data: Uint8Array
  meta: Uint8Array
  timeoutMs: number
  signal: AbortSignal
}

/** What an edge answers. */
export interface EdgeReply {
  data: Uint8Array
  meta: Uint8Array
}

/** Who an event is about. */
export interface EventPeer {
  role: PeerRole
  /** 0 when it is not known. */
  id: bigint
  /** Name of a service. */
  name: string
  address: string
}

/** Something that happened at the gateway. */
export type GatewayEvent = { seq: number; /** Unix milliseconds. */ at: number; peer: EventPeer } & (
  | { type: 'online'; entry: { edge: EdgeEntry } | { service: ServiceEntry } }
  | { type: 'offline' | 'refusal'; code: string; reason: string }
  | { type: 'kick'; reason: string }
  | { type: 'register' | 'unregister'; kind: 'method' | 'topic'; word: string }
)

/** How long requests took from the gateway to their receivers and back, of samples taken within the last seconds. */
export interface LatencyFigures {
  samples: number
  /** Without samples they mean nothing. */
  p50Ms: number
  p99Ms: number
}

/** Counts of a gateway; times are Unix milliseconds. */
export interface GatewayStats {
  startId: string
  frontierId: string
  startedAt: number
  edges: number
  services: number
  pending: number
  calls: number
  messages: number
  answers: number
  streamsOpened: number
  streamsRefused: number
  bufferFull: number
  notOnline: number
  expired: number
  dropped: number
  slowConsumers: number
  streamViolations: number
  bytesIn: number
  bytesOut: number
  refused: Readonly<Record<string, number>>
  ended: Readonly<Record<string, number>>
  /** In force, of edges and of services. */
  bans: number
  loopDelayP50Ms: number
  loopDelayP99Ms: number
  latency: LatencyFigures
}
