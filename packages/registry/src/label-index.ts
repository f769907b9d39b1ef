import { LazyIndex } from './lazy-index.js'
import type { PeerRecord } from './peer-role.js'
import type { PeerTable } from './peer-table.js'
import { emptyBitmap, setBit, type Bitmap } from './slot-set.js'

const READ_AT_ONCE = 256
/** Values that nobody has any more are dropped when they are more than those that somebody may have, and this. */
const MAX_SPARE_VALUES = 1_024

/** Who has which value of one label, as a number for each slot. Memory: 4 bytes for each peer, and the values. */
export class LabelIndex<R extends PeerRecord> extends LazyIndex<R> {
  readonly #label: string
  /** The number of each value, from 1; 0 = the peer has no such label. */
  readonly #numbers = new Map<string, number>()
  #values = new Uint32Array(0)

  constructor(table: PeerTable<R>, label: string) {
    super(table)
    this.#label = label
  }

  /** Those that have `value`. True when read after `catchUp`, until the table changes. */
  holders(value: string): Bitmap {
    const bitmap = emptyBitmap(this.#values.length)
    const number = this.#numbers.get(value)
    if (number === undefined) return bitmap
    for (let slot = 0; slot < this.#values.length; slot++) if (this.#values[slot] === number) setBit(bitmap, slot)
    return bitmap
  }

  protected override *update(changed: Uint32Array, records: readonly (R | undefined)[]): Generator<undefined, void> {
    if (records.length > this.#values.length) {
      const values = new Uint32Array(Math.ceil(records.length * 1.25))
      values.set(this.#values)
      this.#values = values
    }
    if (this.#numbers.size > 2 * this.table.size + MAX_SPARE_VALUES) this.#dropSpareValues()
    for (let index = 0; index < changed.length; index++) {
      const slot = changed[index]!
      this.#values[slot] = this.#numberOf(records[slot]?.labels)
      if (index % READ_AT_ONCE === 0) yield
    }
  }

  #numberOf(labels: Readonly<Record<string, string>> | undefined): number {
    if (labels === undefined || !Object.hasOwn(labels, this.#label)) return 0
    const value = labels[this.#label]!
    const known = this.#numbers.get(value)
    if (known !== undefined) return known
    this.#numbers.set(value, this.#numbers.size + 1)
    return this.#numbers.size
  }

  #dropSpareValues(): void {
    const renumbered = new Uint32Array(this.#numbers.size + 1)
    const inUse = new Set(this.#values)
    let last = 0
    for (const [value, number] of this.#numbers) {
      if (!inUse.has(number)) this.#numbers.delete(value)
      else this.#numbers.set(value, (renumbered[number] = ++last))
    }
    this.#values = this.#values.map((number) => renumbered[number]!)
  }
}
