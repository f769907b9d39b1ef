import type { Exchange, Peer } from '@frontier/exchange'
import type { Sweep } from '@frontier/mux'
import type { FrontierError } from '@frontier/wire'
import { DeadlineQueue } from './deadline-queue.js'
import type { EventOutcome, Told } from './edge-event.js'
import type { EdgeFacts } from './edge-facts.js'
import { EventDesk } from './event-desk.js'
import { HookCounters } from './hook-counters.js'
import { OnlineRound, type RoundHost } from './online-round.js'
import { Snapshot, snapshotEvent, type SnapshotHost } from './snapshot.js'

/** What {@link EdgeEvents} needs. */
export interface EdgeEventsOptions {
  exchange: Exchange
  sweep: Sweep
  /** How long a service has for its answer. */
  timeoutMs: number
}

/**
 * Tells services which edges come and go (docs/protocol.md, section 4): one service of each name, the same one for the same edge, the events of one
 * edge in order. Whoever was told that an edge is online, and did not refuse it, is told when it is no longer.
 */
export class EdgeEvents implements RoundHost, SnapshotHost {
  readonly counters: HookCounters = new HookCounters()
  readonly timeoutMs: number
  readonly #exchange: Exchange
  readonly #rounds: DeadlineQueue<OnlineRound>
  readonly #desks = new Map<string, EventDesk>()
  /** Whom to tell when an edge goes, for the edges somebody was told of. */
  readonly #toldOf = new Map<bigint, { generation: number; told: Told[] }>()
  /** Services whose snapshot has begun, and when. */
  readonly #snapshots = new Map<Peer, number>()
  readonly #onDeskIdle = (desk: EventDesk): void => {
    if (this.#desks.get(desk.name) === desk) this.#desks.delete(desk.name)
  }
  #epoch = 0

  constructor(options: EdgeEventsOptions) {
    this.#exchange = options.exchange
    this.timeoutMs = options.timeoutMs
    this.#rounds = new DeadlineQueue(options.sweep, options.timeoutMs)
  }

  /** Whether nobody has to be told anything. */
  get isIdle(): boolean {
    return this.#desks.size === 0
  }

  /**
   * Asks one service of each name that has an online hook; undefined when there is none, and the edge may come in. `onDecided` gets the refusal, or
   * undefined when all said yes. @throws BUFFER_FULL when too many edges wait already.
   */
  online(edge: EdgeFacts, onDecided: (error: FrontierError | undefined) => void): OnlineRound | undefined {
    const services = this.#exchange.hookServices('edge_online')
    if (services.length === 0) return undefined
    const round = new OnlineRound(this, edge, this.#epoch, onDecided)
    const names = new Set(services.map((service) => service.name))
    round.ask([...names].map((name) => this.#desk(name)))
    this.#rounds.add(round)
    return round
  }

  /** `edge` is in, after `round` if there was one. */
  joined(edge: Peer, round: OnlineRound | undefined): void {
    if (round === undefined) return
    const told = round.told.filter((entry) => entry.serviceId !== undefined)
    if (told.length > 0) this.#toldOf.set(edge.id, { generation: edge.generation, told })
    // A service whose snapshot began while this round was on has been told of this edge by neither.
    for (const [service, epoch] of this.#snapshots) {
      if (epoch > round.epoch && !told.some((entry) => entry.serviceId === service.id)) {
        this.#desk(service.name).submit(snapshotEvent(this, service, edge))
      }
    }
  }

  /** `edge` has gone: who was told that it came is told. */
  offline(edge: Peer): void {
    const entry = this.#toldOf.get(edge.id)
    if (entry?.generation !== edge.generation) return
    this.#toldOf.delete(edge.id)
    for (const told of entry.told) this.takeBack(edge, told)
  }

  /** `service` wants to know who is online; told once per link, from when it has an online hook. */
  snapshot(service: Peer, edges: Iterable<Peer>): void {
    if (this.#snapshots.has(service) || !this.#exchange.hookServices('edge_online').includes(service)) return
    this.#snapshots.set(service, ++this.#epoch)
    this.#desk(service.name).feed(new Snapshot(this, service, [...edges]))
  }

  /** `service` has gone. */
  serviceGone(service: Peer): void {
    this.#snapshots.delete(service)
  }

  /** No more deadlines. */
  close(): void {
    this.#rounds.close()
  }

  takeBack(edge: EdgeFacts, told: Told): void {
    const isSubmitted = this.#desk(told.name).submit({
      hook: 'edge_offline',
      edge,
      told,
      timeoutMs: this.timeoutMs,
      begin: () => told.serviceId !== undefined,
      onSettled: (outcome) => {
        if (outcome.kind === 'taken') this.counters.offlineTold++
        else if (outcome.kind === 'nobody') this.counters.offlineDropped++
        else if (outcome.kind !== 'skipped') this.counters.offlineFailed++
      },
    })
    if (!isSubmitted) this.counters.offlineDropped++
  }

  noteTold(edge: Peer, service: Peer): Told {
    let entry = this.#toldOf.get(edge.id)
    if (entry?.generation !== edge.generation) {
      entry = { generation: edge.generation, told: [] }
      this.#toldOf.set(edge.id, entry)
    }
    let told = entry.told.find((other) => other.name === service.name)
    if (told === undefined) {
      told = { name: service.name, serviceId: undefined }
      entry.told.push(told)
    }
    return told
  }

  count(outcome: EventOutcome): void {
    if (outcome.kind === 'taken') this.counters.onlineTold++
    else if (outcome.kind === 'refused') this.counters.onlineRefused++
    else if (outcome.kind === 'failed') this.counters.onlineFailed++
  }

  roundOver(round: OnlineRound): void {
    this.#rounds.remove(round)
  }

  #desk(name: string): EventDesk {
    let desk = this.#desks.get(name)
    if (desk === undefined) {
      desk = new EventDesk(name, this.#exchange, this.#onDeskIdle)
      this.#desks.set(name, desk)
    }
    return desk
  }
}
