import { idHigh, idLow } from '@frontier/wire'

/** Scatters an id of two 32-bit halves over 32 bits. */
export function hashId(high: number, low: number): number {
  let h = Math.imul(high ^ 0x9e37_79b9, 0x85eb_ca6b) ^ low
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/**
 * 64-bit ids to values, looked up by the two halves as they stand in a frame: no bigint is made on the way of a call.
 * Open addressing with linear probing; half empty at least.
 */
export class IdTable<T> {
  size = 0
  /** Nobody is to choose ids that collide. */
  readonly #seed: number
  #mask = 63
  #high = new Int32Array(64)
  #low = new Int32Array(64)
  #values: (T | undefined)[] = new Array<T | undefined>(64).fill(undefined)

  /** `seed` is random unless a test needs ids that collide. */
  constructor(seed: number = (Math.random() * 0x1_0000_0000) | 0) {
    this.#seed = seed
  }

  /** The value of an id given by its halves. */
  find(high: number, low: number): T | undefined {
    const h = high | 0
    const l = low | 0
    for (let at = hashId(h ^ this.#seed, l) & this.#mask; ; at = (at + 1) & this.#mask) {
      const value = this.#values[at]
      if (value === undefined || (this.#low[at] === l && this.#high[at] === h)) return value
    }
  }

  get(id: bigint): T | undefined {
    return this.find(idHigh(id), idLow(id))
  }

  /** Adds or replaces. */
  set(id: bigint, value: T): void {
    if ((this.size + 1) * 2 > this.#mask) this.#grow()
    this.#insert(idHigh(id) | 0, idLow(id) | 0, value)
  }

  /** Removes; whether it was there. */
  delete(id: bigint): boolean {
    const h = idHigh(id) | 0
    const l = idLow(id) | 0
    let at = hashId(h ^ this.#seed, l) & this.#mask
    while (this.#values[at] !== undefined && (this.#low[at] !== l || this.#high[at] !== h)) at = (at + 1) & this.#mask
    if (this.#values[at] === undefined) return false
    this.size--
    // Close the gap: whatever was pushed past it moves back, so that no tombstones are needed.
    for (let next = (at + 1) & this.#mask; this.#values[next] !== undefined; next = (next + 1) & this.#mask) {
      const home = hashId(this.#high[next]! ^ this.#seed, this.#low[next]!) & this.#mask
      if (((next - home) & this.#mask) < ((next - at) & this.#mask)) continue
      this.#move(next, at)
      at = next
    }
    this.#values[at] = undefined
    return true
  }

  /** All values as they are now: who goes through them may add and delete. */
  values(): T[] {
    return this.#values.filter((value) => value !== undefined)
  }

  #insert(high: number, low: number, value: T): void {
    let at = hashId(high ^ this.#seed, low) & this.#mask
    while (this.#values[at] !== undefined && (this.#low[at] !== low || this.#high[at] !== high)) at = (at + 1) & this.#mask
    if (this.#values[at] === undefined) this.size++
    this.#high[at] = high
    this.#low[at] = low
    this.#values[at] = value
  }

  #move(from: number, to: number): void {
    this.#high[to] = this.#high[from]!
    this.#low[to] = this.#low[from]!
    this.#values[to] = this.#values[from]
  }

  #grow(): void {
    const high = this.#high
    const low = this.#low
    const values = this.#values
    const capacity = values.length * 2
    this.#mask = capacity - 1
    this.#high = new Int32Array(capacity)
    this.#low = new Int32Array(capacity)
    this.#values = new Array<T | undefined>(capacity).fill(undefined)
    this.size = 0
    for (const [at, value] of values.entries()) if (value !== undefined) this.#insert(high[at]!, low[at]!, value)
  }
}
