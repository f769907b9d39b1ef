import { hashId } from './id-table.js'
import type { Peer } from './peer.js'
import type { Route } from './route-table.js'

/** What the choice among several services is made by: the edge's id, its ip address, or chance. */
export type HashBy = 'edgeid' | 'srcip' | 'random'

/** The part of `address` that tells a host: what stands before the port. */
function hostOf(address: string): string {
  const colon = address.lastIndexOf(':')
  return colon > 0 ? address.slice(0, colon) : address
}

/** What `peer` is hashed by: a number that stays the same for the same edge id, or for the same source address. */
export function hashKeyOf(peer: { idHigh: number; idLow: number; address: string }, hashBy: HashBy): number {
  if (hashBy !== 'srcip') return hashId(peer.idHigh, peer.idLow)
  let hash = 0x811c_9dc5
  for (const char of hostOf(peer.address)) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x0100_0193)
  return hash >>> 0
}

/**
 * The taker with the highest weight for `key` (rendezvous hashing): a taker that comes or goes moves only its own share. Undefined when there is none.
 */
export function rendezvous(takers: readonly Peer[], key: number): Peer | undefined {
  if (takers.length < 2) return takers[0]
  let best: Peer | undefined
  let bestWeight = -1
  for (const taker of takers) {
    const weight = hashId(key, taker.seed)
    if (weight > bestWeight || (weight === bestWeight && taker.id < best!.id)) {
      best = taker
      bestWeight = weight
    }
  }
  return best
}

/**
 * Chooses one of `takers`, the services that take `name` (a method, a topic, or a service name for a stream), for a request of `edge`. Undefined leaves the choice to the
 * configured hash. Called for every request that has a choice, so it should be quick; a throw counts as undefined.
 */
export type RoutingPolicy = (name: string, edge: Peer, takers: readonly Peer[]) => Peer | undefined

/** What decides among several takers. */
export interface ChoiceOptions {
  readonly hashBy: HashBy
  readonly policy: RoutingPolicy | undefined
}

/** One of `route`'s takers for a request of `peer`. The last choice of each peer is remembered: the same route costs no hashing. */
export function chooseTaker(route: Route, peer: Peer, { hashBy, policy }: ChoiceOptions): Peer | undefined {
  if (route.takers.length < 2) return route.takers[0]
  if (policy !== undefined) {
    const chosen = byPolicy(policy, route, peer)
    if (chosen !== undefined) return chosen
  }
  if (hashBy === 'random') return route.takers[Math.floor(Math.random() * route.takers.length)]
  if (peer.lastRoute === route && peer.lastRouteVersion === route.version) return peer.lastTaker
  const taker = rendezvous(route.takers, peer.hashKey)
  peer.lastRoute = route
  peer.lastRouteVersion = route.version
  peer.lastTaker = taker
  return taker
}

function byPolicy(policy: RoutingPolicy, route: Route, peer: Peer): Peer | undefined {
  try {
    const chosen = policy(route.name, peer, route.takers)
    return chosen !== undefined && route.takers.includes(chosen) ? chosen : undefined
  } catch {
    // Somebody else's code must not cost the edge its link.
    return undefined
  }
}
