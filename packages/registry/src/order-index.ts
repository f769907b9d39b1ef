import { LazyIndex } from './lazy-index.js'
import { firstBeyond, type Compare } from './ordering.js'
import type { PeerTable } from './peer-table.js'
import { emptyBitmap, hasBit, setBit } from './slot-set.js'
import { sortSlots } from './sort-slots.js'

/** Slots placed between two pauses. */
const PLACED_AT_ONCE = 64

/** All slots of a table in one order. Memory: 4 bytes for each peer. */
export class OrderIndex<R extends object> extends LazyIndex<R> {
  readonly #compare: Compare<R>
  #order = new Uint32Array(0)

  /** `compare` has no equals. */
  constructor(table: PeerTable<R>, compare: Compare<R>) {
    super(table)
    this.#compare = compare
  }

  /** The slots, ascending. True when read after `catchUp`, until the table changes. */
  get order(): Uint32Array {
    return this.#order
  }

  /** The place of the first peer beyond the point that `isBeyond` knows; the length of the order when there is none. */
  place(isBeyond: (record: R) => boolean): number {
    const { live } = this.table
    return firstBeyond(this.#order.length, (place) => isBeyond(live[this.#order[place]!]!))
  }

  protected override *update(changed: Uint32Array, records: readonly (R | undefined)[]): Generator<undefined, void> {
    const kept = this.#without(changed, records.length)
    yield
    const compareSlots: Compare<number> = (a, b) => this.#compare(records[a]!, records[b]!)
    const fresh = yield* sortSlots(changed.filter((slot) => records[slot] !== undefined), compareSlots)
    const order = new Uint32Array(kept.length + fresh.length)
    let from = 0
    for (let index = 0; index < fresh.length; index++) {
      const slot = fresh[index]!
      const rest = kept.subarray(from)
      const passed = firstBeyond(rest.length, (place) => compareSlots(rest[place]!, slot) > 0)
      order.set(rest.subarray(0, passed), from + index)
      from += passed
      order[from + index] = slot
      if (index % PLACED_AT_ONCE === 0) yield
    }
    order.set(kept.subarray(from), from + fresh.length)
    this.#order = order
  }

  #without(changed: Uint32Array, capacity: number): Uint32Array {
    const isChanged = emptyBitmap(Math.max(capacity, 1))
    for (const slot of changed) setBit(isChanged, slot)
    const kept = new Uint32Array(this.#order.length)
    let length = 0
    for (const slot of this.#order) if (!hasBit(isChanged, slot)) kept[length++] = slot
    return kept.subarray(0, length)
  }
}
