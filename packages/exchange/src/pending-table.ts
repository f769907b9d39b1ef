import type { Party } from './party.js'

/** Bits of `PendingTable.state`. */
export const PendingState = {
  /** A MESSAGE: it is answered by ACK, not ANSWER. */
  MESSAGE: 1,
  /** Fragments of the request are still to come. */
  ASKING: 2,
  /** Fragments of the answer are still to come. */
  ANSWERING: 4,
  /** Nothing answers it; it lives while its fragments pass. */
  NO_ACK: 8,
  /** The source no longer waits; the target has not answered yet. */
  CANCELLED: 16,
  /** Its latency is measured. */
  SAMPLED: 32,
} as const

const FIRST_CAPACITY = 1024
/** An index of ids that was not asked for so many requests, and twice as many as there are, is dropped. */
const UNUSED_INDEX = 1024

function grown<A extends Int32Array | Uint32Array | Uint8Array | Float64Array>(array: A, bigger: A): A {
  bigger.set(array)
  return bigger
}

/**
 * The requests that wait for their answers: one slot of flat arrays each, so that a call costs no object. Each slot is on two lists, one of its source and one
 * of its target, so that the end of a link finds what concerns it without a search. Ids given to the next hop count up through 32 bits and skip those
 * still in use: none comes again before 2^20 others, short of a million requests at once.
 */
export class PendingTable {
  size = 0
  /** The request that gets this id is handed to `onSampled`; 0 = none. */
  sampledId = 0
  onSampled: ((slot: number) => void) | undefined = undefined
  /** Who asked, also when CANCELLED is set: it holds the place still. */
  source: Party[] = []
  target: Party[] = []
  sourceId: Uint32Array = new Uint32Array(FIRST_CAPACITY)
  /** The id toward the target. */
  id: Uint32Array = new Uint32Array(FIRST_CAPACITY)
  /** Tick at which the slot is given up; 0 = never. */
  expiresAt: Uint32Array = new Uint32Array(FIRST_CAPACITY)
  state: Uint8Array = new Uint8Array(FIRST_CAPACITY)
  /** Where the request's last frame ends on its target's line of sent bytes. */
  place: Float64Array = new Float64Array(FIRST_CAPACITY)
  /** Body bytes of a fragmented request so far. */
  bodyBytes: Uint32Array = new Uint32Array(FIRST_CAPACITY)
  /** The same of a fragmented answer; set with ANSWERING. */
  answerBytes: Uint32Array = new Uint32Array(FIRST_CAPACITY)
  #nextAsked = new Int32Array(FIRST_CAPACITY)
  #previousAsked = new Int32Array(FIRST_CAPACITY)
  #nextOwed = new Int32Array(FIRST_CAPACITY)
  #previousOwed = new Int32Array(FIRST_CAPACITY)
  /** Free slots, a stack. */
  #free = new Int32Array(FIRST_CAPACITY)
  #freeCount = 0
  #used = 0
  /** id & mask -> slot + 1. At least twice the slots, so that the next free id is near. */
  #slotOf = new Int32Array(FIRST_CAPACITY * 4)
  #mask = FIRST_CAPACITY * 4 - 1
  #lastId = 0

  /** The slot of the request with the id we gave it, or -1. */
  find(id: number, target: Party): number {
    const slot = this.#slotOf[id & this.#mask]! - 1
    return slot >= 0 && this.id[slot] === id && this.target[slot] === target ? slot : -1
  }

  /** The slot of the request with the id we gave it, whoever its target is, or -1. */
  slotOf(id: number): number {
    const slot = this.#slotOf[id & this.#mask]! - 1
    return slot >= 0 && this.id[slot] === id ? slot : -1
  }

  /** The id that the `count`th request from now on gets, unless some are skipped until then. */
  idAhead(count: number): number {
    return (this.#lastId + count) >>> 0
  }

  /** The slot of a request by its source's id, or -1. */
  findAsked(sourceId: number, source: Party): number {
    if (source.asked === 0) return -1
    source.slotsById ??= this.#index(source)
    source.requestsSinceLookup = 0
    return source.slotsById.get(sourceId) ?? -1
  }

  /** Takes a slot; its id is `id[slot]`. The caller has checked the limits. */
  add(source: Party, sourceId: number, target: Party, state: number, expiresAt: number): number {
    let slot: number
    if (this.#freeCount > 0) slot = this.#free[--this.#freeCount]!
    else {
      if (this.#used === this.id.length) this.#grow()
      slot = this.#used++
    }
    let id = this.#lastId
    do id = (id + 1) >>> 0
    while (id === 0 || this.#slotOf[id & this.#mask] !== 0)
    this.#lastId = id
    this.#slotOf[id & this.#mask] = slot + 1
    this.id[slot] = id
    this.sourceId[slot] = sourceId
    this.source[slot] = source
    this.target[slot] = target
    this.state[slot] = state
    this.expiresAt[slot] = expiresAt
    this.bodyBytes[slot] = 0
    this.size++
    source.held++
    this.#linkAsked(slot, source)
    this.#linkOwed(slot, target)
    if (source.slotsById !== undefined) this.#noteId(source, sourceId, slot)
    if (target.heldBy !== undefined) target.heldBy.set(source, (target.heldBy.get(source) ?? 0) + 1)
    if (id === this.sampledId) this.onSampled?.(slot)
    return slot
  }

  /** Gives the slot back. */
  remove(slot: number): void {
    this.dropSource(slot)
    const source = this.source[slot]!
    const target = this.target[slot]!
    const next = this.#nextOwed[slot]!
    const previous = this.#previousOwed[slot]!
    if (previous < 0) target.firstOwed = next
    else this.#nextOwed[previous] = next
    if (next >= 0) this.#previousOwed[next] = previous
    target.owed--
    source.held--
    if (target.heldBy !== undefined) this.#noteFree(target, source)
    this.#slotOf[this.id[slot]! & this.#mask] = 0
    this.source[slot] = undefined as unknown as Party
    this.target[slot] = undefined as unknown as Party
    this.#free[this.#freeCount++] = slot
    this.size--
  }

  /** The source has lost interest: it may ask anew, the slot waits for the answer or its end. */
  dropSource(slot: number): void {
    if ((this.state[slot]! & PendingState.CANCELLED) !== 0) return
    this.state[slot]! |= PendingState.CANCELLED
    const source = this.source[slot]!
    const next = this.#nextAsked[slot]!
    const previous = this.#previousAsked[slot]!
    if (previous < 0) source.firstAsked = next
    else this.#nextAsked[previous] = next
    if (next >= 0) this.#previousAsked[next] = previous
    source.asked--
    if (source.slotsById !== undefined) {
      if (source.asked === 0) source.slotsById = undefined
      else source.slotsById.delete(this.sourceId[slot]!)
    }
  }

  /** Whether `source` holds at least `places` of `target`'s, cancelled requests included. Counting begins when it could be so, and ends when half of them are free. */
  holds(source: Party, target: Party, places: number): boolean {
    if (target.owed < places || source.held < places) return false
    target.heldBy ??= this.#countHeld(target)
    return (target.heldBy.get(source) ?? 0) >= places
  }

  /** The slots of all requests toward `target`, oldest first. */
  owedBy(target: Party): number[] {
    const slots: number[] = []
    for (let slot = target.firstOwed; slot >= 0; slot = this.#nextOwed[slot]!) slots.push(slot)
    return slots.reverse()
  }

  /** Calls `visit` with each slot whose time has come. A scan of one flat array (docs/decisions/deadlines-by-scan.md). */
  forEachExpired(tick: number, visit: (slot: number) => void): void {
    if (this.size === 0) return
    const { expiresAt, target } = this
    for (let slot = 0; slot < this.#used; slot++) {
      const at = expiresAt[slot]!
      if (at !== 0 && at <= tick && target[slot] !== undefined) visit(slot)
    }
  }

  #countHeld(target: Party): Map<Party, number> {
    const counts = new Map<Party, number>()
    for (let slot = target.firstOwed; slot >= 0; slot = this.#nextOwed[slot]!) counts.set(this.source[slot]!, (counts.get(this.source[slot]!) ?? 0) + 1)
    target.heldByFloor = target.owed / 2
    return counts
  }

  #noteFree(target: Party, source: Party): void {
    const counts = target.heldBy!
    const count = counts.get(source)!
    if (target.owed < target.heldByFloor || target.owed === 0) target.heldBy = undefined
    else if (count > 1) counts.set(source, count - 1)
    else counts.delete(source)
  }

  #noteId(source: Party, sourceId: number, slot: number): void {
    if (++source.requestsSinceLookup > UNUSED_INDEX && source.requestsSinceLookup > 2 * source.asked) source.slotsById = undefined
    else source.slotsById!.set(sourceId, slot)
  }

  #index(source: Party): Map<number, number> {
    const slots = new Map<number, number>()
    for (let slot = source.firstAsked; slot >= 0; slot = this.#nextAsked[slot]!) slots.set(this.sourceId[slot]!, slot)
    return slots
  }

  #linkAsked(slot: number, source: Party): void {
    const first = source.firstAsked
    this.#nextAsked[slot] = first
    this.#previousAsked[slot] = -1
    if (first >= 0) this.#previousAsked[first] = slot
    source.firstAsked = slot
    source.asked++
  }

  #linkOwed(slot: number, target: Party): void {
    const first = target.firstOwed
    this.#nextOwed[slot] = first
    this.#previousOwed[slot] = -1
    if (first >= 0) this.#previousOwed[first] = slot
    target.firstOwed = slot
    target.owed++
  }

  #grow(): void {
    const capacity = this.id.length * 2
    this.sourceId = grown(this.sourceId, new Uint32Array(capacity))
    this.id = grown(this.id, new Uint32Array(capacity))
    this.expiresAt = grown(this.expiresAt, new Uint32Array(capacity))
    this.state = grown(this.state, new Uint8Array(capacity))
    this.place = grown(this.place, new Float64Array(capacity))
    this.bodyBytes = grown(this.bodyBytes, new Uint32Array(capacity))
    this.answerBytes = grown(this.answerBytes, new Uint32Array(capacity))
    this.#nextAsked = grown(this.#nextAsked, new Int32Array(capacity))
    this.#previousAsked = grown(this.#previousAsked, new Int32Array(capacity))
    this.#nextOwed = grown(this.#nextOwed, new Int32Array(capacity))
    this.#previousOwed = grown(this.#previousOwed, new Int32Array(capacity))
    this.#free = grown(this.#free, new Int32Array(capacity))
    // Ids that differ in fewer bits differ in more: nothing collides in the wider index.
    this.#slotOf = new Int32Array(capacity * 4)
    this.#mask = capacity * 4 - 1
    for (let slot = 0; slot < this.#used; slot++) {
      if (this.target[slot] !== undefined) this.#slotOf[this.id[slot]! & this.#mask] = slot + 1
    }
  }
}
