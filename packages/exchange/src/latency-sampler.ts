import { LatencyCounts } from './latency-counts.js'
import { PendingState, type PendingTable } from './pending-table.js'

/** So many requests are watched at once, so that slow ones do not hide the others. */
const MAX_WATCHED = 32
/** Figures are of the last one to two of these. */
const WINDOW_MS = 5_000

/** How long requests took, of samples taken within the last seconds. */
export interface LatencyFigures {
  samples: number
  /** 0 without samples. */
  p50Ms: number
  p99Ms: number
}

/**
 * Measures how long requests of peers take from here to their receivers and back, on samples: when one has come back, one of those to come is chosen. A request that is
 * not chosen pays one comparison (docs/performance.md).
 */
export class LatencySampler {
  readonly #pending: PendingTable
  /** When the watched ones left, by the ids they have toward their targets; the oldest first. */
  readonly #begunAt = new Map<number, number>()
  #recent = new LatencyCounts()
  #before = new LatencyCounts()
  #windowEnd = 0
  #users = 0
  /** How far ahead the next one may be: as many as came within a tick, if so many are under way at once. */
  #spread = 0
  #idAtTick = 0

  constructor(pending: PendingTable) {
    this.#pending = pending
    pending.onSampled = (slot) => {
      this.#begin(slot)
    }
  }

  /** Measures until that is disposed; nothing is measured while nobody wants it. */
  start(): Disposable {
    let isOver = false
    if (this.#users++ === 0) this.#choose()
    return {
      [Symbol.dispose]: () => {
        if (isOver) return
        isOver = true
        if (--this.#users > 0) return
        this.#pending.sampledId = 0
        this.#begunAt.clear()
      },
    }
  }

  /** What was measured within the last five to ten seconds. */
  figures(): LatencyFigures {
    this.#turn(performance.now())
    const samples = this.#recent.size + this.#before.size
    return { samples, p50Ms: this.#recent.percentile(0.5, this.#before), p99Ms: this.#recent.percentile(0.99, this.#before) }
  }

  /** The request in `slot`, which is SAMPLED, has its answer, or its time is up. */
  end(slot: number): void {
    const id = this.#pending.id[slot]!
    const begunAt = this.#begunAt.get(id)
    if (begunAt === undefined) return
    this.#begunAt.delete(id)
    this.#record(begunAt)
    this.#choose()
  }

  /** Lets go of what will not be answered. Called once per tick. */
  onTick(): void {
    if (this.#users === 0) return
    for (const id of this.#begunAt.keys()) if (!this.#isWaitedFor(id)) this.#begunAt.delete(id)
    const [oldest] = this.#begunAt
    if (oldest !== undefined && this.#begunAt.size >= MAX_WATCHED) {
      // As far as it is known: to forget the slowest would make the figures look better than things are.
      this.#begunAt.delete(oldest[0])
      this.#record(oldest[1])
    }
    const id = this.#pending.idAhead(0)
    this.#spread = Math.min(this.#pending.size, (id - this.#idAtTick) >>> 0)
    this.#idAtTick = id
    // The one that was chosen may never come: it was far ahead, or its id was skipped.
    this.#choose()
  }

  #begin(slot: number): void {
    const pending = this.#pending
    pending.sampledId = 0
    // What the gateway itself asks is no peer's request.
    if ('role' in pending.source[slot]!) {
      pending.state[slot]! |= PendingState.SAMPLED
      this.#begunAt.set(pending.id[slot]!, performance.now())
    } else this.#choose()
  }

  /** The next one, or one of the next: it must not always be the first of those that come together. */
  #choose(): void {
    const pending = this.#pending
    if (this.#begunAt.size < MAX_WATCHED && this.#users > 0) pending.sampledId = pending.idAhead(1 + Math.floor(Math.random() * this.#spread))
  }

  #isWaitedFor(id: number): boolean {
    const slot = this.#pending.slotOf(id)
    return slot >= 0 && (this.#pending.state[slot]! & PendingState.CANCELLED) === 0
  }

  #record(begunAt: number): void {
    const now = performance.now()
    this.#turn(now)
    this.#recent.add(now - begunAt)
  }

  #turn(now: number): void {
    if (now < this.#windowEnd) return
    this.#before = now < this.#windowEnd + WINDOW_MS ? this.#recent : new LatencyCounts()
    this.#recent = new LatencyCounts()
    this.#windowEnd = now + WINDOW_MS
  }
}
