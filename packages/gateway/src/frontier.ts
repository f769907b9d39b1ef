import { resolveFrontierConfig, type FrontierConfigInput } from '@frontier/config'
import type { Exchange } from '@frontier/exchange'
import type { RegistryReader } from '@frontier/registry'
import { formatAddress, parseAddress } from '@frontier/transport'
import { FrontierError } from '@frontier/wire'
import { ControlBackend } from './control-backend.js'
import { GatewayCore } from './gateway-core.js'
import { GatewayListener } from './gateway-listener.js'
import type { HookCounts } from './hook-counters.js'
import { LivePeers } from './live-peers.js'
import { openBridges } from './open-bridges.js'
import { openRegistry } from './open-registry.js'
import { resolveSettings, type FrontierOptions } from './settings.js'
import { Shutdown } from './shutdown.js'

/** How long `await using` lets a gateway drain. */
const DISPOSE_DRAIN_MS = 5000

/** Where a gateway can be reached, in the form that clients dial: the real port when 0 was asked for, this host when it listens on all. */
export interface FrontierAddresses {
  readonly edgebound: string
  readonly servicebound: string
  /** With `controlplane.enable` only. */
  readonly controlplane?: string
}

/** What a gateway has counted since it began. */
export interface FrontierCounters {
  /** Links and connections that were not let in, by reason: an error code, or what their first bytes were. */
  readonly refused: Readonly<Record<string, number>>
  /** Links that had been let in and are over, by the code of the reason: EOF when the peer went. */
  readonly ended: Readonly<Record<string, number>>
  readonly hooks: HookCounts
}

/** A running gateway. */
export interface Frontier extends AsyncDisposable {
  readonly addresses: FrontierAddresses
  /** Random for each gateway; every welcome carries it. */
  readonly startId: string
  /** Who is online; kicks with KICKED. */
  readonly registry: RegistryReader
  readonly exchange: Exchange
  /** The counts now. */
  counters(): FrontierCounters
  /**
   * Takes no more links and requests, tells edges and then services to connect elsewhere, lets what is in flight end within `timeoutMs`
   * (`daemon.drain_seconds` by default), then closes. @throws INVALID_ARGUMENT for a negative time.
   */
  drain(options?: { timeoutMs?: number }): Promise<void>
  /** Resolves when the gateway has ended, whoever asked for it: an operator may, over the control plane. */
  readonly closed: Promise<void>
  /** Closes all links with DRAINING, edges first; services still hear of the edges that go. Cuts a drain short. */
  close(): Promise<void>
}

/**
 * Starts a gateway; `{}` is the defaults: services on port 30011, edges on 30012. It listens when this resolves.
 * Rejects with INVALID_ARGUMENT for a configuration that does not hold, UNAVAILABLE when an address or the registry's file cannot be had.
 */
export async function createFrontier(config: FrontierConfigInput = {}, options: FrontierOptions = {}): Promise<Frontier> {
  const settings = await resolveSettings(resolveFrontierConfig(config), options)
  const live = new LivePeers()
  const core = new GatewayCore(settings, live, await openRegistry(settings, live))
  const services = new GatewayListener(core, settings.service)
  const edges = new GatewayListener(core, settings.edge)
  const shutdown = new Shutdown(core, [edges, services])
  let controlplane: string | undefined
  try {
    controlplane = await openControlPlane(core, shutdown)
    // Before anybody can publish.
    await openBridges(core.exchange, settings.mqm, settings.logger)
    // Services first: an edge that comes at once finds the port of those it needs open.
    await services.open()
    await edges.open()
  } catch (error) {
    await shutdown.close()
    throw error
  }
  const addresses = { edgebound: dialable(edges.address), servicebound: dialable(services.address) }
  return frontierOf(core, controlplane === undefined ? addresses : { ...addresses, controlplane: dialable(controlplane) }, shutdown)
}

function frontierOf(core: GatewayCore, addresses: FrontierAddresses, shutdown: Shutdown): Frontier {
  return {
    addresses,
    startId: core.startId,
    registry: core.registry,
    exchange: core.exchange,
    counters: () => ({ refused: core.refusals.snapshot(), ended: core.endings.snapshot(), hooks: core.events.counters.snapshot() }),
    async drain({ timeoutMs = core.settings.drainTimeoutMs } = {}) {
      if (!(timeoutMs >= 0)) throw new FrontierError('INVALID_ARGUMENT', `timeoutMs must not be below 0, as ${timeoutMs} is`)
      await shutdown.drain(timeoutMs)
    },
    closed: shutdown.closed,
    close: () => shutdown.close(),
    [Symbol.asyncDispose]: () => shutdown.drain(DISPOSE_DRAIN_MS),
  }
}

/** Where the control plane listens, when there is one. */
async function openControlPlane(core: GatewayCore, shutdown: Shutdown): Promise<string | undefined> {
  const options = core.settings.controlPlane
  if (options === undefined) return undefined
  // Loaded when it is asked for: half of what a start without it would load, a quarter of a second in which edges of a restart wait (docs/performance.md).
  const { createControlPlane } = await import('@frontier/controlplane')
  const backend = new ControlBackend(core, shutdown)
  try {
    const controlPlane = await createControlPlane(backend, options)
    shutdown.closeControlPlane = async () => {
      await controlPlane.close()
      backend.close()
    }
    return controlPlane.address
  } catch (error) {
    backend.close()
    throw error
  }
}

/** A wildcard host is good for listening, not for dialling. */
function dialable(address: string): string {
  const parsed = parseAddress(address)
  if (!('host' in parsed)) return address
  const { host } = parsed
  if (host !== '0.0.0.0' && host !== '::') return address
  return formatAddress({ ...parsed, host: host === '::' ? '::1' : '127.0.0.1' })
}
