import { setBit, hasBit, SlotSet, type Bitmap } from './slot-set.js'

/** Who holds a name: one slot, or several. */
type Holders = number | SlotSet

/**
 * Which slots hold which name. A name with one holder costs no set, one that all have costs each a bit: gateways whose edges register a
 * method of their own name each are as cheap as those whose edges all register the same.
 */
export class NameIndex {
  readonly #holders = new Map<string, Holders>()

  /** How many names there are that someone holds. */
  get size(): number {
    return this.#holders.size
  }

  /** False when `slot` had the name already. */
  add(name: string, slot: number): boolean {
    const holders = this.#holders.get(name)
    if (holders === undefined) {
      this.#holders.set(name, slot)
      return true
    }
    if (holders instanceof SlotSet) return holders.add(slot)
    if (holders === slot) return false
    this.#holders.set(name, new SlotSet([holders, slot]))
    return true
  }

  /** False when `slot` did not have the name. */
  delete(name: string, slot: number): boolean {
    const holders = this.#holders.get(name)
    if (!(holders instanceof SlotSet)) return holders === slot && this.#holders.delete(name)
    if (!holders.delete(slot)) return false
    if (holders.size === 0) this.#holders.delete(name)
    return true
  }

  has(name: string, slot: number): boolean {
    const holders = this.#holders.get(name)
    return holders instanceof SlotSet ? holders.has(slot) : holders === slot
  }

  /** How many hold `name`. */
  count(name: string): number {
    const holders = this.#holders.get(name)
    if (holders === undefined) return 0
    return holders instanceof SlotSet ? holders.size : 1
  }

  /** Sets the bits of those that hold `name`. */
  markHolders(name: string, bitmap: Bitmap): void {
    const holders = this.#holders.get(name)
    if (holders instanceof SlotSet) holders.markIn(bitmap)
    else if (holders !== undefined) setBit(bitmap, holders)
  }

  /** All names, or those that one of `slots` holds; now and then an undefined in between, where the reader may pause. */
  *names(slots: Bitmap | undefined): Generator<string | undefined, void> {
    let looked = 0
    for (const [name, holders] of this.#holders) {
      if (++looked % 256 === 0) yield undefined
      if (slots === undefined || (holders instanceof SlotSet ? holders.meets(slots) : hasBit(slots, holders))) yield name
    }
  }
}
