import { listenAddress, readListenTls, type BoundConfig, type DaoConfig, type FrontierConfig, type ListenTlsMaterial, type MqmConfig } from '@frontier/config'
import type { ControlPlaneOptions } from '@frontier/controlplane'
import type { HashBy, PeerLimits } from '@frontier/exchange'
import { FrontierError } from '@frontier/wire'
import { controlSettings } from './control-settings.js'
import type { Authenticate } from './credentials.js'
import type { EdgeIdAllocation } from './edge-ids.js'
import { SILENT_LOGGER, type GatewayLogger } from './logger.js'

const SECOND_MS = 1000
const DEFAULT_HOOK_TIMEOUT_MS = 30_000
/** How long a peer can prove to be the same, from its last welcome on. */
const RESUME_TTL_MS = 7 * 24 * 3_600_000
/** A peer may be above its mark for this many ping intervals (DESIGN section 5). */
const SLOW_AFTER_INTERVALS = 2

/** What createFrontier takes beside the configuration: what no file can hold. */
export interface FrontierOptions {
  /** Silent by default. */
  logger?: GatewayLogger | undefined
  /** Checks credentials; by default everybody is let in. */
  authenticate?: Authenticate | undefined
  /** How long `authenticate` and services have for `get_edge_id`, `edge_online` and `edge_offline`, in milliseconds: 30,000. */
  hookTimeoutMs?: number | undefined
}

/** One of the two sides on which peers dial in. */
export interface SideSettings {
  role: 'edge' | 'service'
  /** Where it listens, as transports take it. */
  address: string
  tls: ListenTlsMaterial | undefined
  pingIntervalMs: number
  helloTimeoutMs: number
  sniffTimeoutMs: number
  maxLinks: number
  limits: PeerLimits
}

/** Configuration and options in the form that the gateway works with. */
export interface GatewaySettings {
  edge: SideSettings
  service: SideSettings
  registry: DaoConfig
  mqm: MqmConfig
  edgeIdAllocation: EdgeIdAllocation
  hashBy: HashBy
  /** undefined = a random one. */
  resumeKey: Uint8Array | undefined
  resumeTtlMs: number
  maxFrameBytes: number
  maxPayloadBytes: number
  hookTimeoutMs: number
  drainTimeoutMs: number
  logger: GatewayLogger
  authenticate: Authenticate | undefined
  /** daemon.frontier_id */
  frontierId: string
  /** undefined = there is none. */
  controlPlane: ControlPlaneOptions | undefined
}

/** Reads the certificate files, too. @throws INVALID_ARGUMENT for an option out of range, or a file that cannot be read. */
export async function resolveSettings(config: FrontierConfig, options: FrontierOptions): Promise<GatewaySettings> {
  const { hookTimeoutMs = DEFAULT_HOOK_TIMEOUT_MS } = options
  if (!(hookTimeoutMs > 0 && hookTimeoutMs <= 0x7fff_ffff)) {
    throw new FrontierError('INVALID_ARGUMENT', `hookTimeoutMs must be above 0 and finite, not ${hookTimeoutMs}`)
  }
  const { exchange } = config
  return {
    edge: await sideOf('edge', config.edgebound),
    service: await sideOf('service', config.servicebound),
    registry: config.dao,
    mqm: config.mqm,
    edgeIdAllocation: config.edgebound.edgeid_alloc_when_no_idservice_on,
    hashBy: exchange.hashby,
    resumeKey: exchange.resume_key === '' ? undefined : new TextEncoder().encode(exchange.resume_key),
    resumeTtlMs: RESUME_TTL_MS,
    maxFrameBytes: exchange.max_frame_bytes,
    maxPayloadBytes: exchange.max_payload_bytes,
    hookTimeoutMs,
    drainTimeoutMs: config.daemon.drain_seconds * SECOND_MS,
    logger: options.logger ?? SILENT_LOGGER,
    authenticate: options.authenticate,
    frontierId: config.daemon.frontier_id,
    controlPlane: await controlSettings(config.controlplane, options.logger ?? SILENT_LOGGER),
  }
}

async function sideOf(role: 'edge' | 'service', side: BoundConfig): Promise<SideSettings> {
  const { limits } = side
  const pingIntervalMs = side.ping_interval_seconds * SECOND_MS
  return {
    role,
    address: listenAddress(side.listen),
    tls: await readListenTls(side.listen.tls),
    pingIntervalMs,
    helloTimeoutMs: side.handshake_timeout_seconds * SECOND_MS,
    sniffTimeoutMs: side.sniff_timeout_seconds * SECOND_MS,
    maxLinks: limits.max_links,
    limits: {
      markBytes: limits.queue_mark_bytes,
      hardMarkBytes: limits.queue_hard_mark_bytes,
      slowAfterMs: pingIntervalMs * SLOW_AFTER_INTERVALS,
      maxOwed: limits.max_requests_to,
      maxAsked: limits.max_requests_from,
      maxStreams: limits.max_streams,
      maxStreamQueueBytes: limits.stream_queue_bytes,
      maxNames: limits.max_names,
    },
  }
}
