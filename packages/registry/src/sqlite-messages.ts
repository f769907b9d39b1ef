import type { FrontierErrorCode } from '@frontier/wire'

import type { Condition, Listing } from './listing.js'
import type { NameKind, Position } from './peer-role.js'

/** Which tables. */
export type Role = 'edge' | 'service'

/** Names of a peer by kind. */
export type KindNames = readonly (readonly [NameKind, readonly string[]])[]

/** A peer came. */
export interface AddedChange {
  readonly do: 'add'
  readonly role: Role
  /** Its arrival number, by which it is known from now on. */
  readonly seq: number
  readonly slot: number
  readonly id: bigint
  readonly at: number
  readonly address: string
  /** The meta of an edge as bytes in a string of one character each, which costs less on the way than a view; the name of a service as it is. */
  readonly tag: string
  readonly labels: Readonly<Record<string, string>>
  readonly names: KindNames
}

/** A peer went, with what it had. */
export interface RemovedChange {
  readonly do: 'remove'
  readonly role: Role
  readonly seq: number
  readonly labels: Readonly<Record<string, string>>
  readonly names: KindNames
}

/** A peer took a name or gave it back. */
export interface NameChange {
  readonly do: 'name' | 'unname'
  readonly role: Role
  readonly seq: number
  readonly kind: NameKind
  readonly name: string
}

/** A change of who is online. */
export type Change = AddedChange | RemovedChange | NameChange

/** A condition as the database knows it: who has an id is known without it. */
export type StoredCondition = Exclude<Condition, { is: 'id' }> | { readonly is: 'seq'; readonly seq: number }

/** A listing as the database knows it. */
export interface StoredListing extends Omit<Listing, 'conditions'> {
  readonly conditions: readonly StoredCondition[]
  /** How many peers there are, with and without the conditions. */
  readonly size: number
}

/** Peers by their slots, each with its arrival number, as the slot may have another peer by now. */
export interface StoredPeers {
  readonly slots: Uint32Array
  readonly seqs: Float64Array
}

/** The answer to a listing. */
export interface StoredPage extends StoredPeers {
  readonly count: number
  readonly last: Position | undefined
}

/** A question to the thread. */
export type Question =
  | { readonly ask: 'list'; readonly role: Role; readonly listing: StoredListing }
  | { readonly ask: 'match'; readonly role: Role; readonly conditions: readonly StoredCondition[] }

/** What the thread is told. */
export type ToThread =
  | { readonly tell: 'changes'; readonly changes: readonly Change[] }
  /** Forget everybody, and whatever went wrong. */
  | { readonly tell: 'reset' }
  | { readonly tell: 'question'; readonly number: number; readonly question: Question }
  | { readonly tell: 'close' }

/** What went wrong, in a form that passes between threads. */
export interface ThreadError {
  readonly code: FrontierErrorCode
  readonly reason: string
}

/** What the thread tells. */
export type FromThread =
  | { readonly tell: 'open'; readonly error?: ThreadError }
  /** One batch of changes is written. */
  | { readonly tell: 'written' }
  /** What is stored is not what is online, until a reset. */
  | { readonly tell: 'failed'; readonly error: ThreadError }
  | { readonly tell: 'answer'; readonly number: number; readonly answer: StoredPeers | StoredPage }
  | { readonly tell: 'answer'; readonly number: number; readonly error: ThreadError }
  /** A statement of a query, for the log. */
  | { readonly tell: 'sql'; readonly sql: string; readonly tookMs: number }

/** How the thread is started. */
export interface ThreadOptions {
  /** '' = in memory. */
  readonly file: string
  /** Tell the statements of queries. */
  readonly debug: boolean
}
