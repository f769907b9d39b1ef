/** One bit for each slot. */
export type Bitmap = Uint32Array

/** A bitmap for slots below `capacity`, all clear. */
export function emptyBitmap(capacity: number): Bitmap {
  return new Uint32Array((capacity + 31) >>> 5)
}

/** Whether the bit of `slot` is set; it is not beyond the end. */
export function hasBit(bitmap: Bitmap, slot: number): boolean {
  return ((bitmap[slot >>> 5] ?? 0) & (1 << (slot & 31))) !== 0
}

/** Sets the bit of `slot`, which must be below the capacity. */
export function setBit(bitmap: Bitmap, slot: number): void {
  bitmap[slot >>> 5]! |= 1 << (slot & 31)
}

/** Clears in `bitmap` what is not set in `other`. */
export function intersect(bitmap: Bitmap, other: Bitmap): void {
  for (let word = 0; word < bitmap.length; word++) bitmap[word]! &= other[word] ?? 0
}

/** How many bits are set. */
export function countBits(bitmap: Bitmap): number {
  let count = 0
  for (let bits of bitmap) {
    bits -= (bits >>> 1) & 0x5555_5555
    bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333)
    count += Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
  }
  return count
}

/** An entry of a Set takes about 27 bytes: from one slot in this many on, a bit for every slot takes less. */
const SLOTS_PER_ENTRY = 128
/** Back again only when it is clearly worth it. */
const SPARSE_SLOTS_PER_ENTRY = 512
const FEW = 16

/** A set of slots: a Set while it has few of many, bits otherwise. What all peers have in common costs a bit for each of them. */
export class SlotSet {
  #few: Set<number> | undefined
  #bits: Bitmap = new Uint32Array(0)
  #size = 0
  #highest = 0

  constructor(slots: Iterable<number>) {
    this.#few = new Set()
    for (const slot of slots) this.add(slot)
  }

  get size(): number {
    return this.#size
  }

  has(slot: number): boolean {
    return this.#few?.has(slot) ?? hasBit(this.#bits, slot)
  }

  /** False when it was there. */
  add(slot: number): boolean {
    if (this.has(slot)) return false
    this.#size++
    if (slot > this.#highest) this.#highest = slot
    const few = this.#few ?? this.#makeRoom(slot)
    if (few === undefined) {
      setBit(this.#bits, slot)
      return true
    }
    few.add(slot)
    if (this.#size > FEW && this.#size * SLOTS_PER_ENTRY > this.#highest) this.#useBits(few)
    return true
  }

  /** False when it was not there. */
  delete(slot: number): boolean {
    if (!this.has(slot)) return false
    this.#size--
    if (this.#few !== undefined) return this.#few.delete(slot)
    this.#bits[slot >>> 5]! &= ~(1 << (slot & 31))
    if (this.#size * SPARSE_SLOTS_PER_ENTRY < this.#bits.length * 32) this.#useFew()
    return true
  }

  /** Sets the bits of its slots. */
  markIn(bitmap: Bitmap): void {
    if (this.#few !== undefined) {
      for (const slot of this.#few) setBit(bitmap, slot)
      return
    }
    const words = Math.min(bitmap.length, this.#bits.length)
    for (let word = 0; word < words; word++) bitmap[word]! |= this.#bits[word]!
  }

  /** Whether one of its slots is set in `bitmap`. */
  meets(bitmap: Bitmap): boolean {
    if (this.#few !== undefined) {
      for (const slot of this.#few) if (hasBit(bitmap, slot)) return true
      return false
    }
    const words = Math.min(bitmap.length, this.#bits.length)
    for (let word = 0; word < words; word++) if ((bitmap[word]! & this.#bits[word]!) !== 0) return true
    return false
  }

  /** Makes the bits reach to `slot`, or gives them up: then it returns the Set. */
  #makeRoom(slot: number): Set<number> | undefined {
    if (slot < this.#bits.length * 32) return undefined
    if (this.#size * SPARSE_SLOTS_PER_ENTRY < slot) return this.#useFew()
    const bits = emptyBitmap(Math.ceil((slot + 1) * 1.25))
    bits.set(this.#bits)
    this.#bits = bits
    return undefined
  }

  #useBits(few: ReadonlySet<number>): void {
    this.#bits = emptyBitmap(this.#highest + 1)
    for (const slot of few) setBit(this.#bits, slot)
    this.#few = undefined
  }

  #useFew(): Set<number> {
    const few = new Set<number>()
    for (const [word, bits] of this.#bits.entries()) {
      for (let left = bits; left !== 0; left &= left - 1) few.add(word * 32 + 31 - Math.clz32(left & -left))
    }
    this.#few = few
    this.#bits = new Uint32Array(0)
    return few
  }
}
