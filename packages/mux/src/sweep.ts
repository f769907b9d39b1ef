/** Something that wants to look at the clock now and then: a link, a table of deadlines. */
export interface Sweepable {
  /** Called once per tick. What it throws is thrown on when all members were called. */
  onTick(tick: number): void
}

/** Lateness that is made up for. */
const CATCH_UP_MS = 250

/** One timer for all: calls each of its members once per tick, and is a coarse clock. The timer runs while there are members. */
export class Sweep {
  /** Length of a tick in milliseconds. */
  readonly tickMs: number
  /** The tick now: a count, not a time of day. */
  tick = 0
  readonly #members = new Set<Sweepable>()
  #timer: ReturnType<typeof setTimeout> | undefined = undefined
  #dueAt = 0

  /** `tickMs` is 250 by default. */
  constructor(tickMs = 250) {
    this.tickMs = tickMs
  }

  /** How many members there are. */
  get size(): number {
    return this.#members.size
  }

  /** Ticks that surely last `durationMs`. */
  ticksFor(durationMs: number): number {
    return Math.ceil(durationMs / this.tickMs)
  }

  add(member: Sweepable): void {
    this.#members.add(member)
    if (this.#timer !== undefined) return
    this.#dueAt = performance.now()
    this.#arm()
  }

  /** Removes `member`; the timer stops with the last one. */
  remove(member: Sweepable): void {
    this.#members.delete(member)
    if (this.#members.size > 0 || this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(): void {
    const now = performance.now()
    // A late tick does not delay the next one: an interval would, and a busy gateway's clock would lose minutes in an hour. What was slept
    // through is not made up for, or all links would look silent after it.
    this.#dueAt = Math.max(this.#dueAt + this.tickMs, now - CATCH_UP_MS)
    this.#timer = setTimeout(() => {
      this.#sweep()
    }, Math.max(0, this.#dueAt - now))
    // A sweep alone keeps no process alive: its members' sockets do. Browsers' timers are numbers.
    if (typeof this.#timer === 'object') this.#timer.unref()
  }

  #sweep(): void {
    this.#arm()
    this.tick++
    let left = this.#members.size
    let failure: { thrown: unknown } | undefined
    for (const member of this.#members) {
      // A member that was removed and added again stands at the end: it has had its turn.
      if (left-- === 0) break
      try {
        member.onTick(this.tick)
      } catch (thrown) {
        failure ??= { thrown }
      }
    }
    if (failure !== undefined) throw failure.thrown
  }
}

/** The sweep that links and ends use unless they are given another one. */
export const sharedSweep: Sweep = new Sweep()
