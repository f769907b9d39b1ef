import type { Pacer } from './pacer.js'
import type { PeerTable } from './peer-table.js'
import { emptyBitmap, hasBit, setBit } from './slot-set.js'

/** So many changes are caught up with at once (2 ms for an order by meta, measured); more of them in slices. */
const MAX_AT_ONCE = 200
/** A list of changes that is no longer than this is never too long. */
const MIN_FORGOTTEN = 1_000

/**
 * Something that finds peers by what they are, made when it is first needed. From then on it notes which slots have changed, and catches up
 * when it is needed again: whoever comes or goes pays for a number in a list, and only while somebody asks.
 */
export abstract class LazyIndex<R extends object> {
  protected readonly table: PeerTable<R>
  #changed: number[] = []
  #catchingUp: Promise<void> | undefined = undefined
  #isMade = false

  constructor(table: PeerTable<R>) {
    this.table = table
  }

  /** Another record is in `slot`, or none. False when the list of changes costs more than the index is worth: forget it. */
  note(slot: number): boolean {
    this.#changed.push(slot)
    return !this.#isMade || this.#changed.length < Math.max(MIN_FORGOTTEN, this.table.size / 2)
  }

  /** Whether {@link catchUp} is quick. */
  get isReady(): boolean {
    return this.#isMade && this.#catchingUp === undefined && this.#changed.length <= MAX_AT_ONCE
  }

  /** Catches up with most changes, in slices; see whether it is ready then. */
  async prepare(pacer: Pacer): Promise<void> {
    this.#catchingUp ??= pacer.run(this.update(this.#take(), this.table.snapshot())).then(() => {
      this.#isMade = true
      this.#catchingUp = undefined
    })
    await this.#catchingUp
  }

  /** Catches up with all changes. Only while it is ready. */
  catchUp(): void {
    if (this.#changed.length === 0) return
    const work = this.update(this.#take(), this.table.live)
    while (work.next().done !== true);
  }

  /** Takes in that the slots of `changed`, each of them once, have the records that `records` tells. Yields where it may pause. */
  protected abstract update(changed: Uint32Array, records: readonly (R | undefined)[]): Iterator<unknown, void>

  #take(): Uint32Array {
    const changed = this.#changed
    this.#changed = []
    if (!this.#isMade) return allBelow(this.table.capacity)
    const taken = emptyBitmap(this.table.capacity)
    const slots = new Uint32Array(changed.length)
    let length = 0
    for (const slot of changed) {
      if (hasBit(taken, slot)) continue
      setBit(taken, slot)
      slots[length++] = slot
    }
    return slots.subarray(0, length)
  }
}

/** 0, 1, 2 … In a plain loop: `Uint32Array.from` takes 10 ms for 100,000. */
function allBelow(end: number): Uint32Array {
  const slots = new Uint32Array(end)
  for (let slot = 0; slot < end; slot++) slots[slot] = slot
  return slots
}
