import { LabelIndex } from './label-index.js'
import type { LazyIndex } from './lazy-index.js'
import type { Condition, Found, Listing, PeerFinder } from './listing.js'
import { OrderIndex } from './order-index.js'
import { startsWith } from './ordering.js'
import type { Pacer } from './pacer.js'
import { comparePositions, orderedPart, positionOf, recordOrder, type OrderField, type PeerRecord } from './peer-role.js'
import type { Roster } from './roster.js'
import { scanMetas, type Scan } from './scan-metas.js'
import { countBits, emptyBitmap, hasBit, intersect, setBit, type Bitmap } from './slot-set.js'

/** How many labels are indexed at once: those asked for last. */
const MAX_LABELS = 8

type Prefix = Extract<Condition, { is: 'prefix' }>

/**
 * Finds peers in the memory of this process. Each condition makes a bitmap of slots, an order is walked through what is in all of them: 100,000
 * peers are 3,125 words. Orders and labels are indexed once somebody asks for them (docs/decisions/registry-backends.md has the figures).
 */
export class MemoryFinder<R extends PeerRecord> implements PeerFinder<R> {
  readonly #roster: Roster<R>
  readonly #pacer: Pacer
  readonly #orders = new Map<OrderField, OrderIndex<R>>()
  /** Those asked for last are the last. */
  readonly #labels = new Map<string, LabelIndex<R>>()

  constructor(roster: Roster<R>, pacer: Pacer) {
    this.#roster = roster
    this.#pacer = pacer
  }

  added(slot: number): void {
    this.#note(slot)
  }

  removed(slot: number): void {
    this.#note(slot)
  }

  named(): void {
    // The roster knows.
  }

  unnamed(): void {
    // The roster knows.
  }

  async list(listing: Listing): Promise<Found<R>> {
    const scanned = await this.#prepare(listing.conditions, listing.field)
    const fitting = this.#fitting(listing.conditions, scanned)
    const count = fitting === undefined ? this.#roster.table.size : countBits(fitting)
    return { ...this.#walk(listing, fitting), count }
  }

  async match(conditions: readonly Condition[]): Promise<Bitmap> {
    const scanned = await this.#prepare(conditions, undefined)
    return this.#fitting(conditions, scanned) ?? emptyBitmap(0)
  }

  #note(slot: number): void {
    if (this.#orders.size === 0 && this.#labels.size === 0) return
    for (const [field, index] of this.#orders) if (!index.note(slot)) this.#orders.delete(field)
    for (const [label, index] of this.#labels) if (!index.note(slot)) this.#labels.delete(label)
  }

  /** Makes ready what takes time; all that follows happens at once. Returns what a scan has found. */
  async #prepare(conditions: readonly Condition[], field: OrderField | undefined): Promise<Scan | undefined> {
    const contained = conditions.find((condition) => condition.is === 'contains')
    const scanned = contained === undefined ? undefined : await scanMetas(this.#roster, contained.bytes, this.#pacer)
    for (;;) {
      const waiting = this.#needed(conditions, field).filter((index) => !index.isReady)
      if (waiting.length === 0) break
      await Promise.all(waiting.map((index) => index.prepare(this.#pacer)))
    }
    for (const index of this.#needed(conditions, field)) index.catchUp()
    return scanned
  }

  #needed(conditions: readonly Condition[], field: OrderField | undefined): LazyIndex<R>[] {
    const fields = new Set(field === undefined ? [] : [field])
    const labels = new Set<string>()
    for (const condition of conditions) {
      if (condition.is === 'time') fields.add('at')
      else if (condition.is === 'prefix') fields.add(condition.field)
      else if (condition.is === 'label') labels.add(condition.label)
    }
    return [...[...fields].map((name) => this.#orderBy(name)), ...[...labels].map((label) => this.#labelled(label, labels.size))]
  }

  #orderBy(field: OrderField): OrderIndex<R> {
    let index = this.#orders.get(field)
    if (index === undefined) {
      index = new OrderIndex(this.#roster.table, recordOrder(this.#roster.role, field))
      this.#orders.set(field, index)
    }
    return index
  }

  /** `wanted` labels at least are kept, so that those of one query do not put each other out. */
  #labelled(label: string, wanted: number): LabelIndex<R> {
    const index = this.#labels.get(label) ?? new LabelIndex(this.#roster.table, label)
    this.#labels.delete(label)
    this.#labels.set(label, index)
    for (const oldest of this.#labels.keys()) {
      if (this.#labels.size <= Math.max(MAX_LABELS, wanted)) break
      this.#labels.delete(oldest)
    }
    return index
  }

  /** Who fits; undefined = all. */
  #fitting(conditions: readonly Condition[], scanned: Scan | undefined): Bitmap | undefined {
    let fitting: Bitmap | undefined = undefined
    for (const condition of conditions) {
      const bitmap = this.#fittingOne(condition, scanned)
      if (fitting === undefined) fitting = bitmap
      else intersect(fitting, bitmap)
    }
    return fitting
  }

  #fittingOne(condition: Condition, scanned: Scan | undefined): Bitmap {
    const { table, names } = this.#roster
    const bitmap = emptyBitmap(table.capacity)
    switch (condition.is) {
      case 'id': {
        const slot = table.slotOf(condition.id)
        if (slot !== undefined) setBit(bitmap, slot)
        return bitmap
      }
      case 'name':
        names[condition.kind].markHolders(condition.name, bitmap)
        return bitmap
      case 'label':
        return this.#labelled(condition.label, 0).holders(condition.value)
      case 'prefix':
        this.#markPrefixed(condition, bitmap)
        return bitmap
      case 'contains':
        scanned?.markIn(bitmap)
        return bitmap
      case 'time': {
        const index = this.#orderBy('at')
        const start = index.place(({ at }) => at >= condition.from)
        const end = index.place(({ at }) => at >= condition.until)
        for (const slot of index.order.subarray(start, end)) setBit(bitmap, slot)
        return bitmap
      }
    }
  }

  #markPrefixed({ field, prefix }: Prefix, bitmap: Bitmap): void {
    const { role, table } = this.#roster
    const index = this.#orderBy(field)
    const valueOf = (record: R): string | Uint8Array => (field === 'address' ? record.address : role.tag(record))
    // Only a part of a long meta is in order. Those that begin with the same part as the prefix stand together.
    const part = orderedPart(prefix)
    const first = { key: part, id: 0n }
    const isBehind = (record: R): boolean => comparePositions(positionOf(role, field, record), first) > 0
    const start = index.place(isBehind)
    const end = index.place((record) => isBehind(record) && !startsWith(valueOf(record), part))
    for (const slot of index.order.subarray(start, end)) {
      if (part === prefix || startsWith(valueOf(table.live[slot]!), prefix)) setBit(bitmap, slot)
    }
  }

  #walk({ field, direction, offset, limit, after, latest }: Listing, fitting: Bitmap | undefined): Omit<Found<R>, 'count'> {
    const { role, table } = this.#roster
    const index = this.#orderBy(field)
    const { order } = index
    const step = direction === 'asc' ? 1 : -1
    let place = step === 1 ? 0 : order.length - 1
    if (after !== undefined) {
      const beyond = step === 1 ? 0 : -1
      place = index.place((record) => comparePositions(positionOf(role, field, record), after) > beyond) + Math.min(0, step)
    }
    let toSkip = offset
    if (fitting === undefined && latest === Infinity) {
      place += step * toSkip
      toSkip = 0
    }
    const records: R[] = []
    let hasMore = false
    for (; place >= 0 && place < order.length; place += step) {
      const slot = order[place]!
      if (fitting !== undefined && !hasBit(fitting, slot)) continue
      if (latest !== Infinity && table.arrival(slot) > latest) continue
      if (toSkip-- > 0) continue
      hasMore = records.length === limit
      if (hasMore) break
      records.push(table.live[slot]!)
    }
    return { records, last: hasMore ? positionOf(role, field, records.at(-1)!) : undefined }
  }
}
