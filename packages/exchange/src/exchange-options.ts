import { sharedSweep, type Sweep } from '@frontier/mux'
import { DEFAULT_MAX_PAYLOAD_BYTES, type FrontierError } from '@frontier/wire'
import type { HashBy } from './choice.js'
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
  limits?: Partial<Record<Role, Partial<PeerLimits>>>
  /** Key, meta and data of one request together; 16 MiB by default. */
  maxPayloadBytes?: number
  sweep?: Sweep
  events?: Partial<ExchangeEvents>
}

/** {@link ExchangeOptions} with everything filled in. */
export interface ResolvedExchangeOptions {
  hashBy: HashBy
  limits: Record<Role, PeerLimits>
  maxPayloadBytes: number
  sweep: Sweep
  events: ExchangeEvents
}

const IGNORE_EVENTS: ExchangeEvents = { peerOffline() {}, registered() {}, unregistered() {} }

/** Fills in the defaults. */
export function resolveExchangeOptions(options: ExchangeOptions): ResolvedExchangeOptions {
  return {
    hashBy: options.hashBy ?? 'edgeid',
    limits: {
      edge: { ...DEFAULT_EDGE_LIMITS, ...options.limits?.edge },
      service: { ...DEFAULT_SERVICE_LIMITS, ...options.limits?.service },
    },
    maxPayloadBytes: options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES,
    sweep: options.sweep ?? sharedSweep,
    events: { ...IGNORE_EVENTS, ...options.events },
  }
}
