import type { Peer } from '@frontier/exchange'
import { FrontierError } from '@frontier/wire'

/** All peers whose links are up, by id, also those that get no new requests any more: an id is free when its link is over, not before. */
export class LivePeers {
  readonly edges: Map<bigint, Peer> = new Map<bigint, Peer>()
  readonly services: Map<bigint, Peer> = new Map<bigint, Peer>()

  /** Told right before an operator closes a peer's link. */
  onKick: ((peer: Peer, reason: string) => void) | undefined = undefined

  get size(): number {
    return this.edges.size + this.services.size
  }

  /** The peers of one role. */
  of(role: 'edge' | 'service'): Map<bigint, Peer> {
    return role === 'edge' ? this.edges : this.services
  }

  add(peer: Peer): void {
    this.of(peer.role).set(peer.id, peer)
  }

  /** Forgets `peer`, not a newer one with its id. */
  remove(peer: Peer): void {
    const peers = this.of(peer.role)
    if (peers.get(peer.id) === peer) peers.delete(peer.id)
  }

  /** Closes the link of a peer with KICKED; false = it has none. */
  kick(role: 'edge' | 'service', id: bigint, reason = ''): boolean {
    const peer = this.of(role).get(id)
    if (peer === undefined) return false
    this.onKick?.(peer, reason)
    peer.close(new FrontierError('KICKED', reason === '' ? 'an operator closed the link' : reason))
    return true
  }

  /** Kicks all services of one name; returns how many there were. */
  kickNamed(name: string, reason: string): number {
    const named = [...this.services.values()].filter((service) => service.name === name)
    for (const { id } of named) this.kick('service', id, reason)
    return named.length
  }

  /** Edges first, then services; peers may come and go meanwhile. */
  *[Symbol.iterator](): Generator<Peer, void> {
    yield* this.edges.values()
    yield* this.services.values()
  }
}
