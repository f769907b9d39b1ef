import type { Peer } from '@frontier/exchange'

/** All peers whose links are up, by id, also those that get no new requests any more: an id is free when its link is over, not before. */
export class LivePeers {
  readonly edges: Map<bigint, Peer> = new Map<bigint, Peer>()
  readonly services: Map<bigint, Peer> = new Map<bigint, Peer>()

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

  /** Edges first, then services; peers may come and go meanwhile. */
  *[Symbol.iterator](): Generator<Peer, void> {
    yield* this.edges.values()
    yield* this.services.values()
  }
}
