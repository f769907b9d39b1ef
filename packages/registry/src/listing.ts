import type { Direction } from './query.js'
import type { NameKind, OrderField, Position } from './peer-role.js'
import type { Bitmap } from './slot-set.js'

/** One thing that has to hold of a peer. */
export type Condition =
  | { readonly is: 'id'; readonly id: bigint }
  | { readonly is: 'name'; readonly kind: NameKind; readonly name: string }
  | { readonly is: 'label'; readonly label: string; readonly value: string }
  | { readonly is: 'prefix'; readonly field: 'address' | 'tag'; readonly prefix: string | Uint8Array }
  | { readonly is: 'contains'; readonly bytes: Uint8Array }
  /** `from <= at < until` */
  | { readonly is: 'time'; readonly from: number; readonly until: number }

/** A query for peers, checked and with nothing left out. */
export interface Listing {
  readonly conditions: readonly Condition[]
  readonly field: OrderField
  readonly direction: Direction
  /** How many matches to pass over. */
  readonly offset: number
  /** How many to hand out at most. */
  readonly limit: number
  /** Only those beyond this place. */
  readonly after: Position | undefined
  /** Only those whose arrival number is not above this. */
  readonly latest: number
}

/** What was found. */
export interface Found<R> {
  readonly records: R[]
  readonly count: number
  /** The place of the last one, when more follow. */
  readonly last: Position | undefined
}

/** Finds the peers of one role. It is told of every change at once, and sees all of them that came before a query. */
export interface PeerFinder<R> {
  /** `record` has `slot` from now on. */
  added(slot: number, record: R): void
  /** `record` had `slot`, with that arrival number. */
  removed(slot: number, record: R, arrival: number): void
  /** The peer of `slot` took a name. */
  named(slot: number, kind: NameKind, name: string): void
  /** The peer of `slot` gave a name back. */
  unnamed(slot: number, kind: NameKind, name: string): void
  /** One page, in order. */
  list(listing: Listing): Promise<Found<R>>
  /** The slots of all that fit. */
  match(conditions: readonly Condition[]): Promise<Bitmap>
}
