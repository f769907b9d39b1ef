import { compareBytes, compareIds, compareText, type Compare } from './ordering.js'
import type { EdgeRecord, ServiceRecord } from './records.js'

/** What a peer can be found by exactly: what it registered, and the name of a service. */
export type NameKind = 'method' | 'topic' | 'name'

/** What both roles have. */
export type PeerRecord = Pick<EdgeRecord, 'address' | 'at' | 'labels'>

/** What can be ordered by. The tag is what a peer says of itself: the meta of an edge, the name of a service. */
export type OrderField = 'at' | 'id' | 'address' | 'tag'

/** A record's value of an order field; null for ids, which every position has anyway. */
export type OrderKey = number | string | Uint8Array | null

/** A place in an order: that of a record with this key and id, whether it is still there or not. */
export interface Position {
  readonly key: OrderKey
  readonly id: bigint
}

/** Metas can have 256 KiB; so many bytes of them count for the order, and are in a cursor. */
export const ORDERED_META_BYTES = 256

/** As much of a tag as counts for the order. */
export function orderedPart<T extends Uint8Array | string>(tag: T): T | Uint8Array {
  return typeof tag !== 'string' && tag.length > ORDERED_META_BYTES ? tag.subarray(0, ORDERED_META_BYTES) : tag
}

/** How the registry reads the records of one role. */
export interface PeerRole<R extends PeerRecord> {
  readonly role: 'edge' | 'service'
  readonly kinds: readonly NameKind[]
  id(record: R): bigint
  names(record: R, kind: NameKind): Iterable<string>
  /** Meta or name. */
  tag(record: R): Uint8Array | string
  readonly compareTags: Compare<R>
}

/** Edges: found by method, tagged by meta. */
export const edgeRole: PeerRole<EdgeRecord> = {
  role: 'edge',
  kinds: ['method'],
  id: ({ edgeId }) => edgeId,
  names: ({ methods }) => methods,
  tag: ({ meta }) => meta,
  compareTags: (a, b) => compareBytes(orderedPart(a.meta), orderedPart(b.meta)),
}

/** Services: found by name, method and topic, tagged by name. */
export const serviceRole: PeerRole<ServiceRecord> = {
  role: 'service',
  kinds: ['name', 'method', 'topic'],
  id: ({ serviceId }) => serviceId,
  names: ({ name, methods, topics }, kind) => (kind === 'name' ? [name] : kind === 'method' ? methods : topics),
  tag: ({ name }) => name,
  compareTags: (a, b) => compareText(a.name, b.name),
}

/** The place of `record` in the order of `field`. */
export function positionOf<R extends PeerRecord>(role: PeerRole<R>, field: OrderField, record: R): Position {
  const id = role.id(record)
  switch (field) {
    case 'at':
      return { key: record.at, id }
    case 'id':
      return { key: null, id }
    case 'address':
      return { key: record.address, id }
    case 'tag':
      return { key: orderedPart(role.tag(record)), id }
  }
}

/** How records compare by `field`, ascending; equals by id. */
export function recordOrder<R extends PeerRecord>(role: PeerRole<R>, field: OrderField): Compare<R> {
  const byId: Compare<R> = (a, b) => compareIds(role.id(a), role.id(b))
  switch (field) {
    case 'at':
      return (a, b) => a.at - b.at || byId(a, b)
    case 'id':
      return byId
    case 'address':
      return (a, b) => compareText(a.address, b.address) || byId(a, b)
    case 'tag':
      return (a, b) => role.compareTags(a, b) || byId(a, b)
  }
}

/** How two places of one order compare, ascending. */
export function comparePositions(a: Position, b: Position): number {
  return compareKeys(a.key, b.key) || compareIds(a.id, b.id)
}

function compareKeys(a: OrderKey, b: OrderKey): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b)
  return 0
}

