/** Where a wheel takes its time from. */
export interface WheelClock {
  /** Monotonic milliseconds. */
  now(): number
  /** Calls `run` every `intervalMs` until the returned function is called. */
  every(intervalMs: number, run: () => void): () => void
}

const systemClock: WheelClock = {
  now: () => performance.now(),
  every(intervalMs, run) {
    const timer = setInterval(run, intervalMs)
    return () => clearInterval(timer)
  },
}

const SLOTS = 1024
const TICK_MS = 25
/** Not in the wheel. */
const IDLE = -1
/** Taken out because it is due, about to be told. */
const DUE = -2

/** Something that ends at a time. It carries its own links into the wheel, so that neither adding nor removing allocates. */
export abstract class DeadlineEntry {
  /** On the wheel's clock, in milliseconds; Infinity = none. */
  deadline: number = Infinity
  /** The next three belong to the wheel. */
  wheelTick: number = IDLE
  wheelPrevious: DeadlineEntry | undefined = undefined
  wheelNext: DeadlineEntry | undefined = undefined

  /** The deadline has passed, and the entry has left the wheel. */
  abstract onDeadline(): void
}

/**
 * Deadlines of any number of requests on one timer, which runs only while there are some. Never early, at most a tick (25 ms) and what the
 * event loop is behind late. Entries more than one turn (25.6 s) ahead are passed over until theirs comes.
 */
export class DeadlineWheel {
  readonly #clock: WheelClock
  readonly #slots: (DeadlineEntry | undefined)[] = new Array<DeadlineEntry | undefined>(SLOTS).fill(undefined)
  #size = 0
  #tick = 0
  #stop: (() => void) | undefined = undefined

  constructor(clock: WheelClock = systemClock) {
    this.#clock = clock
  }

  /** Entries waiting. */
  get size(): number {
    return this.#size
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.#clock.now()
  }

  /** Lets `entry` wait for its `deadline`; nothing happens when that is Infinity. */
  add(entry: DeadlineEntry): void {
    if (entry.deadline === Infinity) return
    if (this.#stop === undefined) {
      this.#tick = Math.floor(this.#clock.now() / TICK_MS)
      this.#stop = this.#clock.every(TICK_MS, () => this.#advance())
    }
    const tick = Math.max(Math.ceil(entry.deadline / TICK_MS), this.#tick + 1)
    const slot = tick % SLOTS
    const head = this.#slots[slot]
    entry.wheelTick = tick
    entry.wheelPrevious = undefined
    entry.wheelNext = head
    if (head !== undefined) head.wheelPrevious = entry
    this.#slots[slot] = entry
    this.#size++
  }

  /** Takes `entry` out; nothing happens when it is not in. */
  remove(entry: DeadlineEntry): void {
    if (entry.wheelTick === IDLE) return
    if (entry.wheelTick !== DUE) this.#unlink(entry)
    entry.wheelTick = IDLE
  }

  #unlink(entry: DeadlineEntry): void {
    const { wheelPrevious, wheelNext } = entry
    if (wheelPrevious === undefined) this.#slots[entry.wheelTick % SLOTS] = wheelNext
    else wheelPrevious.wheelNext = wheelNext
    if (wheelNext !== undefined) wheelNext.wheelPrevious = wheelPrevious
    entry.wheelPrevious = undefined
    entry.wheelNext = undefined
    this.#size--
  }

  #advance(): void {
    const now = Math.floor(this.#clock.now() / TICK_MS)
    // Told only after all slots were walked: what is told may add and remove others.
    const due: DeadlineEntry[] = []
    // After a long sleep of the machine one turn sees every slot.
    for (let tick = Math.max(this.#tick + 1, now - SLOTS + 1); tick <= now; tick++) {
      let entry = this.#slots[tick % SLOTS]
      while (entry !== undefined) {
        const next: DeadlineEntry | undefined = entry.wheelNext
        if (entry.wheelTick <= now) {
          this.#unlink(entry)
          entry.wheelTick = DUE
          due.push(entry)
        }
        entry = next
      }
    }
    this.#tick = Math.max(this.#tick, now)
    for (const entry of due) {
      if (entry.wheelTick !== DUE) continue
      entry.wheelTick = IDLE
      entry.onDeadline()
    }
    if (this.#size === 0) {
      this.#stop?.()
      this.#stop = undefined
    }
  }
}

/** The wheel of all channels of this process that were not given one. */
export const sharedDeadlineWheel: DeadlineWheel = new DeadlineWheel()
