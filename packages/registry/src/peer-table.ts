/**
 * The records of one role, by id and by slot: a small number that a record has while it is in, and that another may have after it. Whatever
 * finds peers works on slots. Memory: an entry of a map whose key is the record's own id, and 16 bytes.
 */
export class PeerTable<R extends object> {
  readonly #slots = new Map<bigint, number>()
  readonly #records: (R | undefined)[] = []
  /** When each came, counted from 1 and never again the same. A free slot has `-1 -` the next free one. */
  #arrivals = new Float64Array(64)
  #firstFree = -1
  #lastArrival = 0

  get size(): number {
    return this.#slots.size
  }

  /** All slots are below this. */
  get capacity(): number {
    return this.#records.length
  }

  /** The arrival number of who came last. */
  get lastArrival(): number {
    return this.#lastArrival
  }

  slotOf(id: bigint): number | undefined {
    return this.#slots.get(id)
  }

  get(id: bigint): R | undefined {
    const slot = this.#slots.get(id)
    return slot === undefined ? undefined : this.#records[slot]
  }

  /** The record in `slot`, or undefined. */
  at(slot: number): R | undefined {
    return this.#records[slot]
  }

  /** The arrival number of the record in `slot`; not above 0 when there is none. */
  arrival(slot: number): number {
    return this.#arrivals[slot] ?? 0
  }

  /** Nobody with this id must be in. Returns the slot. */
  add(id: bigint, record: R): number {
    let slot = this.#firstFree
    if (slot < 0) {
      slot = this.#records.length
      if (slot === this.#arrivals.length) this.#grow()
    } else {
      this.#firstFree = -1 - this.#arrivals[slot]!
    }
    this.#records[slot] = record
    this.#arrivals[slot] = ++this.#lastArrival
    this.#slots.set(id, slot)
    return slot
  }

  delete(id: bigint): void {
    const slot = this.#slots.get(id)
    if (slot === undefined) return
    this.#slots.delete(id)
    this.#records[slot] = undefined
    this.#arrivals[slot] = -1 - this.#firstFree
    this.#firstFree = slot
  }

  /** The records by slot as they are now: a copy that changes no more. */
  snapshot(): readonly (R | undefined)[] {
    return this.#records.slice()
  }

  /** The records by slot, as they are at any time. */
  get live(): readonly (R | undefined)[] {
    return this.#records
  }

  #grow(): void {
    const arrivals = new Float64Array(Math.ceil(this.#arrivals.length * 1.25))
    arrivals.set(this.#arrivals)
    this.#arrivals = arrivals
  }
}
