import type { PeerFinder } from './listing.js'
import { NameIndex } from './name-index.js'
import type { NameKind, PeerRecord, PeerRole } from './peer-role.js'
import { PeerTable } from './peer-table.js'

/** Who is online of one role, and who holds which name: what is known at once, whatever finds peers by the rest. */
export class Roster<R extends PeerRecord> {
  readonly role: PeerRole<R>
  readonly table: PeerTable<R> = new PeerTable<R>()
  /** For the kinds of names that the role has. */
  readonly names: Readonly<Record<NameKind, NameIndex>> = { method: new NameIndex(), topic: new NameIndex(), name: new NameIndex() }
  readonly #finder: PeerFinder<R>

  constructor(role: PeerRole<R>, finderFor: (roster: Roster<R>) => PeerFinder<R>) {
    this.role = role
    this.#finder = finderFor(this)
  }

  get finder(): PeerFinder<R> {
    return this.#finder
  }

  get(id: bigint): R | undefined {
    return this.table.get(id)
  }

  /** Whether `record` is in, and not another with its id. */
  has(record: R): boolean {
    return this.table.get(this.role.id(record)) === record
  }

  /** `record` is in; nobody with its id must be. */
  add(record: R): void {
    const slot = this.table.add(this.role.id(record), record)
    for (const kind of this.role.kinds) for (const name of this.role.names(record, kind)) this.names[kind].add(name, slot)
    this.#finder.added(slot, record)
  }

  /** `record`, which is in, goes. */
  remove(record: R): void {
    const id = this.role.id(record)
    const slot = this.table.slotOf(id)!
    const arrival = this.table.arrival(slot)
    for (const kind of this.role.kinds) for (const name of this.role.names(record, kind)) this.names[kind].delete(name, slot)
    this.table.delete(id)
    this.#finder.removed(slot, record, arrival)
  }

  /** False when nothing changes: `record` has the name, or is not in. */
  addName(record: R, kind: NameKind, name: string): boolean {
    const slot = this.#slotOf(record)
    if (slot === undefined || !this.names[kind].add(name, slot)) return false
    this.#finder.named(slot, kind, name)
    return true
  }

  /** False when nothing changes: `record` has no such name, or is not in. */
  removeName(record: R, kind: NameKind, name: string): boolean {
    const slot = this.#slotOf(record)
    if (slot === undefined || !this.names[kind].delete(name, slot)) return false
    this.#finder.unnamed(slot, kind, name)
    return true
  }

  #slotOf(record: R): number | undefined {
    const slot = this.table.slotOf(this.role.id(record))
    return slot !== undefined && this.table.at(slot) === record ? slot : undefined
  }
}
