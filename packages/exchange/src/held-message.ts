import { EMPTY } from '@frontier/wire'
import type { BridgeEdge, PendingBridgeMessage } from './bridge.js'

/** What one edge has waiting in a bridge. */
export interface EdgeShare {
  messages: number
  bytes: number
}

/** Hears once of each message what has become of it. */
export interface HeldMessageOwner {
  settle(message: HeldMessage, error: unknown): void
}

/** What a message is made of. */
export interface HeldMessageFields {
  readonly id: number
  readonly edge: BridgeEdge
  readonly deadline: number
  readonly isUnacked: boolean
  readonly share: EdgeShare
}

/** One message from its arrival until the bridge is through with it. */
export class HeldMessage implements PendingBridgeMessage {
  topic = ''
  meta: Uint8Array = EMPTY
  data: Uint8Array = EMPTY
  isAbandoned = false
  readonly id: number
  readonly edge: BridgeEdge
  readonly deadline: number
  readonly isUnacked: boolean
  readonly share: EdgeShare
  /** What it counts for: its bytes, those that came, and what it costs beside them. */
  bytes = 0
  /** Of a message with fragments to come, those that are there. */
  pieces: Uint8Array[] | undefined = undefined
  /** Undefined: it is settled. */
  #owner: HeldMessageOwner | undefined

  constructor(owner: HeldMessageOwner, { id, edge, deadline, isUnacked, share }: HeldMessageFields) {
    this.#owner = owner
    this.id = id
    this.edge = edge
    this.deadline = deadline
    this.isUnacked = isUnacked
    this.share = share
  }

  done(): void {
    this.#settle(undefined)
  }

  fail(error: unknown): void {
    this.#settle(error ?? new Error('the bridge gave no reason'))
  }

  #settle(error: unknown): void {
    const owner = this.#owner
    this.#owner = undefined
    owner?.settle(this, error)
  }
}
