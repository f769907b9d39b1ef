import type { Exchange, Peer } from '@frontier/exchange'
import type { Sweep, Sweepable } from '@frontier/mux'
import { FrontierError } from '@frontier/wire'
import type { LivePeers } from './live-peers.js'

/** A link is dead when nothing came for longer than this many ping intervals (docs/protocol.md, section 8). */
const DEAD_AFTER_INTERVALS = 1.75
/** How often every link is looked at per ping interval. */
const ROUNDS_PER_INTERVAL = 16

/** How often the peers of each side are to be heard of. */
export interface PingIntervals {
  edge: { pingIntervalMs: number }
  service: { pingIntervalMs: number }
}

/** Looks at all links in turn, a few at each tick: ends the dead ones, and has the exchange check the pace of the others. */
export class KeepAlive implements Sweepable {
  readonly #sweep: Sweep
  readonly #exchange: Exchange
  readonly #live: LivePeers
  readonly #deadTicks: { readonly edge: number; readonly service: number }
  readonly #roundTicks: number
  #round: Iterator<Peer, void>

  constructor(sweep: Sweep, exchange: Exchange, live: LivePeers, intervals: PingIntervals) {
    this.#sweep = sweep
    this.#exchange = exchange
    this.#live = live
    const { edge, service } = intervals
    // One tick more: bytes may have come at the very end of the tick they are counted in.
    const deadTicks = (intervalMs: number): number => sweep.ticksFor(intervalMs * DEAD_AFTER_INTERVALS) + 1
    this.#deadTicks = { edge: deadTicks(edge.pingIntervalMs), service: deadTicks(service.pingIntervalMs) }
    const shortestMs = Math.min(edge.pingIntervalMs, service.pingIntervalMs)
    this.#roundTicks = Math.max(1, Math.floor(shortestMs / ROUNDS_PER_INTERVAL / sweep.tickMs))
    this.#round = live[Symbol.iterator]()
    sweep.add(this)
  }

  onTick(tick: number): void {
    for (let visits = Math.ceil(this.#live.size / this.#roundTicks); visits > 0; visits--) {
      const { done, value } = this.#round.next()
      if (done === true) {
        this.#round = this.#live[Symbol.iterator]()
        return
      }
      this.#visit(value, tick)
    }
  }

  close(): void {
    this.#sweep.remove(this)
  }

  #visit(peer: Peer, tick: number): void {
    if (peer.link.isClosed) return
    if (tick - peer.link.lastHeardTick > this.#deadTicks[peer.role]) peer.link.abort(new FrontierError('EOF', 'nothing was heard of the peer for too long'))
    else this.#exchange.checkPace(peer, tick)
  }
}
