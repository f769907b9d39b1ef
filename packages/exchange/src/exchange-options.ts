import { sharedSweep, type Sweep } from '@frontier/mux'
import { DEFAULT_MAX_PAYLOAD_BYTES, FrontierError } from '@frontier/wire'
import type { HashBy, RoutingPolicy } from './choice.js'
import type { Peer, Role } from './peer.js'
import { DEFAULT_EDGE_LIMITS, DEFAULT_SERVICE_LIMITS, type PeerLimits } from './peer-limits.js'

/** What an exchange tells its owner. None of these may throw. */
export interface ExchangeEvents {
  /** The peer's link is over and the exchange has let go of it. Called once for each peer that was added. */
  peerOffline(peer: Peer, error: FrontierError): void
  /** A name was registered after the welcome. */
  registered(peer: Peer, name: string, kind: 'method' | 'topic'): void
  unregistered(peer: Peer, name: string, kind: 'method' | 'topic'): void
}

/** Options of an exchange; all have defaults. */
export interface ExchangeOptions {
  /** What services are chosen by; 'edgeid' by default. */
  hashBy?: HashBy
  /** Chooses among several services before the hash does; none by default. */
  policy?: RoutingPolicy
  limits?: Partial<Record<Role, Partial<PeerLimits>>>
  /** Key, meta and data of one request together; 16 MiB by default. */
  maxPayloadBytes?: number
  sweep?: Sweep
  events?: Partial<ExchangeEvents>
}

/** {@link ExchangeOptions} with everything filled in. */
export interface ResolvedExchangeOptions {
  hashBy: HashBy
  /** May be set while the exchange runs. */
  policy: RoutingPolicy | undefined
  limits: Record<Role, PeerLimits>
  maxPayloadBytes: number
  sweep: Sweep
  events: ExchangeEvents
}

const IGNORE_EVENTS: ExchangeEvents = { peerOffline() {}, registered() {}, unregistered() {} }

const HASH_BYS: readonly string[] = ['edgeid', 'srcip', 'random'] satisfies HashBy[]

/** Fills in the defaults. @throws INVALID_ARGUMENT */
export function resolveExchangeOptions(options: ExchangeOptions): ResolvedExchangeOptions {
  const resolved = withDefaults(options)
  if (!HASH_BYS.includes(resolved.hashBy)) throw new FrontierError('INVALID_ARGUMENT', `hashBy is one of ${HASH_BYS.join(', ')}`)
  checkCount('maxPayloadBytes', resolved.maxPayloadBytes, 0x7fff_ffff)
  for (const role of ['edge', 'service'] as const) {
    const limits = resolved.limits[role]
    for (const [name, value] of Object.entries(limits)) checkCount(`limits.${role}.${name}`, value, Number.MAX_SAFE_INTEGER)
    if (limits.hardMarkBytes < limits.markBytes) throw new FrontierError('INVALID_ARGUMENT', `limits.${role}.hardMarkBytes is below markBytes`)
  }
  return resolved
}

function checkCount(name: string, value: unknown, max: number): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) {
    throw new FrontierError('INVALID_ARGUMENT', `${name} is a whole number from 1 to ${max}`)
  }
}

function withDefaults(options: ExchangeOptions): ResolvedExchangeOptions {
  return {
    hashBy: options.hashBy ?? 'edgeid',
    policy: options.policy,
    limits: {
      edge: { ...DEFAULT_EDGE_LIMITS, ...options.limits?.edge },
      service: { ...DEFAULT_SERVICE_LIMITS, ...options.limits?.service },
    },
    maxPayloadBytes: options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES,
    sweep: options.sweep ?? sharedSweep,
    events: { ...IGNORE_EVENTS, ...options.events },
  }
}
