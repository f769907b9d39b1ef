import { checkedName, FrontierError, resolveLinkOptions, type LinkOptions } from '@frontier/geminio'
import type { Hooks } from './hooks.js'
import type { Service } from './service.js'
import { ServiceEnd } from './service-end.js'

/** Unanswered calls and publishes of a service. */
const MAX_IN_FLIGHT = 65_536

/** Options of {@link connectService}. */
export interface ServiceOptions extends LinkOptions {
  /** What edges open streams to; services of one name share the work. '' = none. */
  name?: string | undefined
  /** Topics to receive; '*' = what no exact topic takes. */
  topics?: string[] | undefined
  hooks?: Hooks | undefined
}

function resolveTopics(topics: readonly string[]): string[] {
  const resolved = new Set(topics.map((topic) => checkedName(topic, 'topic')))
  if (resolved.size < topics.length) throw new FrontierError('INVALID_ARGUMENT', 'a topic is given twice')
  return [...resolved]
}

function resolveHooks(hooks: Hooks): Hooks {
  for (const name of ['getEdgeId', 'edgeOnline', 'edgeOffline'] as const) {
    const hook: unknown = hooks[name]
    if (hook !== undefined && typeof hook !== 'function') throw new FrontierError('INVALID_ARGUMENT', `hooks.${name} must be a function`)
  }
  return hooks
}

/**
 * Connects a service to a gateway, or to the first of several that answers, and keeps it connected. Resolves when it is online.
 * @throws INVALID_ARGUMENT; at once UNAUTHENTICATED, PERMISSION_DENIED, ILLEGAL_EDGE_ID, PROTOCOL_ERROR; UNAVAILABLE after `firstConnectTimeoutMs`;
 * CANCELLED
 */
export async function connectService(address: string | string[], options: ServiceOptions = {}): Promise<Service> {
  const { name = '', topics = [], hooks = {} } = options
  const resolved = resolveLinkOptions(address, options, MAX_IN_FLIGHT)
  const service = new ServiceEnd(resolved, { name: name === '' ? '' : checkedName(name, 'service'), topics: resolveTopics(topics) }, resolveHooks(hooks))
  await service.connect()
  return service
}
