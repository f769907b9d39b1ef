import type { PeerIdentity } from '@frontier/transport'
import { FrontierError } from '@frontier/wire'
import { isSameSubject } from './credentials.js'

/** Whoever has an id: a peer, or somebody who is being let in with it. */
export interface Holder {
  readonly identity: PeerIdentity | undefined
  /** Ends its link with GOODBYE. */
  close(error: FrontierError): void
}

/** Who may have an id that somebody else has: one newcomer at a time is let in with an id. */
export class IdClaims {
  readonly #peers: ReadonlyMap<bigint, Holder>
  readonly #newcomers = new Map<bigint, Holder>()
  readonly #takesSubject: boolean

  /** `peers` are those that are in. `takesSubject`: the same credential is a right to the id; services of one kind often share theirs. */
  constructor(peers: ReadonlyMap<bigint, Holder>, takesSubject: boolean) {
    this.#peers = peers
    this.#takesSubject = takesSubject
  }

  /** Whether somebody has `id`, or is being let in with it. */
  isTaken(id: bigint): boolean {
    return this.#peers.has(id) || this.#newcomers.has(id)
  }

  /**
   * Makes `newcomer` the one that is being let in with `id`, until {@link release}. Whoever had the id is closed with REPLACED before this returns.
   * @throws ILLEGAL_EDGE_ID when somebody has it and the newcomer has no right to it: it has a right when `isProven`, or by its credential.
   */
  take(id: bigint, newcomer: Holder, isProven: boolean): void {
    this.#replace(this.#newcomers.get(id), id, newcomer, isProven)
    this.#replace(this.#peers.get(id), id, newcomer, isProven)
    this.#newcomers.set(id, newcomer)
  }

  /** `newcomer` is in, or will not be. */
  release(id: bigint, newcomer: Holder): void {
    if (this.#newcomers.get(id) === newcomer) this.#newcomers.delete(id)
  }

  #replace(holder: Holder | undefined, id: bigint, newcomer: Holder, isProven: boolean): void {
    if (holder === undefined) return
    const hasRight = isProven || (this.#takesSubject && isSameSubject(holder.identity, newcomer.identity))
    if (!hasRight) throw new FrontierError('ILLEGAL_EDGE_ID', `the id ${id} is in use`)
    holder.close(new FrontierError('REPLACED', `a newer link took the id ${id}`))
  }
}
