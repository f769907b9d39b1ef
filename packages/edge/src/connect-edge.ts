import { resolveLinkOptions, type Bytes, type LinkOptions } from '@frontier/geminio'
import { toBytes } from '@frontier/wire'
import type { Edge } from './edge.js'
import { EdgeEnd } from './edge-end.js'

/** Unanswered calls and publishes of an edge. */
const MAX_IN_FLIGHT = 4096

/** Options of {@link connectEdge}. */
export interface EdgeOptions extends LinkOptions {
  /** Who this edge is: shown to the services' hooks, and what an id service decides by. */
  meta?: Bytes | undefined
}

/**
 * Connects an edge to a gateway, or to the first of several that answers, and keeps it connected. Resolves when it is online.
 * @throws INVALID_ARGUMENT; at once UNAUTHENTICATED, PERMISSION_DENIED, ILLEGAL_EDGE_ID, PROTOCOL_ERROR; UNAVAILABLE after `firstConnectTimeoutMs`;
 * CANCELLED
 */
export async function connectEdge(address: string | string[], options: EdgeOptions = {}): Promise<Edge> {
  const edge = new EdgeEnd(resolveLinkOptions(address, options, MAX_IN_FLIGHT), new Uint8Array(toBytes(options.meta)))
  await edge.connect()
  return edge
}
