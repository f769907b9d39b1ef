import { createMemoryRegistry, openSqliteRegistry, type Registry, type RegistryOptions } from '@frontier/registry'
import type { LivePeers } from './live-peers.js'
import type { GatewaySettings } from './settings.js'

/** The registry that `settings` ask for. @throws INVALID_ARGUMENT or UNAVAILABLE when its database cannot be had. */
export async function openRegistry(settings: GatewaySettings, live: LivePeers): Promise<Registry> {
  const { registry, logger } = settings
  if (registry.backend === 'memory') return memoryRegistry(settings, live)
  return openSqliteRegistry({
    ...optionsFor(settings, live),
    file: registry.file,
    onError: (error) => {
      logger.error({ code: error.code, reason: error.reason }, 'the registry has lost its database; the next query fills it anew')
    },
    onSql: registry.debug
      ? (sql, tookMs) => {
          logger.debug({ sql, tookMs }, 'a query of the registry')
        }
      : undefined,
  })
}

/** A registry in memory. */
export function memoryRegistry(settings: GatewaySettings, live: LivePeers): Registry {
  return createMemoryRegistry(optionsFor(settings, live))
}

function optionsFor({ logger }: GatewaySettings, live: LivePeers): RegistryOptions {
  return {
    kickEdge: (id) => live.kick('edge', id),
    kickService: (id) => live.kick('service', id),
    onListenerError: (error) => {
      logger.error({ error }, 'a listener of the registry threw')
    },
  }
}
