import type { Condition, Found, Listing, PeerFinder } from './listing.js'
import type { NameKind, PeerRecord } from './peer-role.js'
import type { Roster } from './roster.js'
import { emptyBitmap, setBit, type Bitmap } from './slot-set.js'
import type { AddedChange, Change, KindNames, StoredCondition, StoredPage, StoredPeers } from './sqlite-messages.js'
import type { SqliteThread } from './sqlite-thread.js'

/** Finds peers by asking the thread with the database. It answers who; what they are like is taken from their records here. */
export class SqliteFinder<R extends PeerRecord> implements PeerFinder<R> {
  readonly #roster: Roster<R>
  readonly #thread: SqliteThread

  constructor(roster: Roster<R>, thread: SqliteThread) {
    this.#roster = roster
    this.#thread = thread
  }

  added(slot: number, record: R): void {
    this.#thread.write(this.#addition(slot, record))
  }

  removed(_slot: number, record: R, arrival: number): void {
    const { role } = this.#roster.role
    this.#thread.write({ do: 'remove', role, seq: arrival, labels: record.labels, names: this.#namesOf(record) })
  }

  named(slot: number, kind: NameKind, name: string): void {
    this.#thread.write({ do: 'name', role: this.#roster.role.role, seq: this.#roster.table.arrival(slot), kind, name })
  }

  unnamed(slot: number, kind: NameKind, name: string): void {
    this.#thread.write({ do: 'unname', role: this.#roster.role.role, seq: this.#roster.table.arrival(slot), kind, name })
  }

  async list(listing: Listing): Promise<Found<R>> {
    const conditions = this.#stored(listing.conditions)
    if (conditions === undefined) return { records: [], count: 0, last: undefined }
    const { field, direction, offset, limit, after, latest } = listing
    const stored = { conditions, field, direction, offset, limit, after: after && { key: after.key, id: after.id }, latest }
    const { role, table } = { role: this.#roster.role.role, table: this.#roster.table }
    const page = (await this.#thread.ask({ ask: 'list', role, listing: { ...stored, size: table.size } })) as StoredPage
    const records = this.#online(page).map((slot) => table.at(slot)!)
    return { records, count: page.count, last: page.last }
  }

  async match(conditions: readonly Condition[]): Promise<Bitmap> {
    const stored = this.#stored(conditions)
    if (stored === undefined) return emptyBitmap(0)
    const found = await this.#thread.ask({ ask: 'match', role: this.#roster.role.role, conditions: stored })
    const bitmap = emptyBitmap(this.#roster.table.capacity)
    for (const slot of this.#online(found)) setBit(bitmap, slot)
    return bitmap
  }

  /** Everybody, as the thread has to be told of them; undefined now and then, for a pause. */
  *everybody(): Generator<Change | undefined, void> {
    for (const [slot, seen] of this.#roster.table.snapshot().entries()) {
      const record = this.#roster.table.at(slot)
      // Who came since then has been told of already.
      yield seen !== undefined && record === seen ? this.#addition(slot, record) : undefined
    }
  }

  #addition(slot: number, record: R): AddedChange {
    const { role, table } = this.#roster
    const tag = role.tag(record)
    return {
      do: 'add',
      role: role.role,
      seq: table.arrival(slot),
      slot,
      id: role.id(record),
      at: record.at,
      address: record.address,
      tag: typeof tag === 'string' ? tag : Buffer.from(tag.buffer, tag.byteOffset, tag.byteLength).toString('latin1'),
      labels: record.labels,
      names: this.#namesOf(record),
    }
  }

  #namesOf(record: R): KindNames {
    const { role } = this.#roster
    return role.kinds.map((kind) => [kind, [...role.names(record, kind)]])
  }

  /** The conditions with arrival numbers for ids; undefined when nobody can fit. */
  #stored(conditions: readonly Condition[]): StoredCondition[] | undefined {
    const stored: StoredCondition[] = []
    for (const condition of conditions) {
      if (condition.is !== 'id') {
        stored.push(condition)
        continue
      }
      const slot = this.#roster.table.slotOf(condition.id)
      if (slot === undefined) return undefined
      stored.push({ is: 'seq', seq: this.#roster.table.arrival(slot) })
    }
    return stored
  }

  /** The slots of those that are still online: some may have gone since the database was asked. */
  #online({ slots, seqs }: StoredPeers): number[] {
    const online: number[] = []
    for (const [index, slot] of slots.entries()) if (this.#roster.table.arrival(slot) === seqs[index]) online.push(slot)
    return online
  }
}
