import type { Peer } from '@frontier/exchange'
import type { EdgeEvent, EventOutcome, Told } from './edge-event.js'
import type { EventSource } from './event-desk.js'

/** What a snapshot needs of whoever keeps account of who was told. */
export interface SnapshotHost {
  readonly timeoutMs: number
  /** The service is about to be told of `edge`: the note of it that its offline event will go by. */
  noteTold(edge: Peer, service: Peer): Told
  count(outcome: EventOutcome): void
}

/** Tells one service of the edges that are online already: one by one as there is room, and not of those that have gone by then. */
export class Snapshot implements EventSource {
  readonly service: Peer
  readonly #host: SnapshotHost
  readonly #edges: readonly Peer[]
  #at = 0

  constructor(host: SnapshotHost, service: Peer, edges: readonly Peer[]) {
    this.#host = host
    this.service = service
    this.#edges = edges
  }

  next(): EdgeEvent | undefined {
    while (this.service.isOnline && this.#at < this.#edges.length) {
      const edge = this.#edges[this.#at++]!
      if (edge.isOnline) return snapshotEvent(this.#host, this.service, edge)
    }
    return undefined
  }
}

/** `edge` as online, for `service` alone. What it answers changes nothing: the edge is in. */
export function snapshotEvent(host: SnapshotHost, service: Peer, edge: Peer): EdgeEvent {
  let told: Told = { name: service.name, serviceId: undefined }
  return {
    hook: 'edge_online',
    edge,
    only: service,
    timeoutMs: host.timeoutMs,
    get told() {
      return told
    },
    begin() {
      if (!edge.isOnline || !service.isOnline) return false
      told = host.noteTold(edge, service)
      return true
    },
    onSettled(outcome) {
      host.count(outcome)
    },
  }
}
