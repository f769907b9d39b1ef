import type { Sweep, Sweepable } from '@frontier/mux'

/** Something that has a limited time. */
export interface Deadlined {
  /** The tick behind which it is overdue; the queue's own. */
  deadlineTick: number
  /** The time is up. Called once, and only while it is in the queue. */
  onDeadline(): void
}

/** Members that all have the same time from when they came: first in, first out, one look at the head per tick and no timer for each. */
export class DeadlineQueue<Member extends Deadlined> implements Sweepable {
  readonly #sweep: Sweep
  readonly #ticks: number
  /** In the order in which they came, which is that of their deadlines. */
  readonly #members = new Set<Member>()

  constructor(sweep: Sweep, timeoutMs: number) {
    this.#sweep = sweep
    this.#ticks = sweep.ticksFor(timeoutMs)
    sweep.add(this)
  }

  get size(): number {
    return this.#members.size
  }

  add(member: Member): void {
    member.deadlineTick = this.#sweep.tick + this.#ticks
    this.#members.add(member)
  }

  remove(member: Member): void {
    this.#members.delete(member)
  }

  /** The one that has been here longest. */
  oldest(): Member | undefined {
    return this.#members.values().next().value
  }

  /** All of them, oldest first. */
  members(): Member[] {
    return [...this.#members]
  }

  onTick(tick: number): void {
    for (const member of this.#members) {
      if (member.deadlineTick >= tick) return
      this.#members.delete(member)
      member.onDeadline()
    }
  }

  /** No more ticks. Members that are left stay unanswered. */
  close(): void {
    this.#sweep.remove(this)
    this.#members.clear()
  }
}
