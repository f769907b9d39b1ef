import type { ByteBudget } from './byte-budget.js'

/** One sender holds at most this part of what a receiver has for all. */
export const SENDER_SHARE = 0.5

/** Somewhere bytes are taken from before memory is. */
export interface ByteSource {
  take(bytes: number): boolean
  give(bytes: number): void
}

/**
 * A budget of which one sender gets at most half, or one payload if that is more, so that an edge that floods a service leaves room for the others.
 * Peer 0n, where there is only one other side, gets all.
 */
export class SenderShares {
  readonly #budget: ByteBudget
  readonly #limitBytes: number
  readonly #heldBytes = new Map<bigint, number>()

  constructor(budget: ByteBudget, leastBytes: number) {
    this.#budget = budget
    this.#limitBytes = Math.max(budget.limitBytes * SENDER_SHARE, leastBytes)
  }

  /** Senders that hold something. */
  get size(): number {
    return this.#heldBytes.size
  }

  /** Takes `bytes` for `peer`; false, with nothing taken, when it has its share or the budget has no room. */
  take(peer: bigint, bytes: number): boolean {
    if (peer === 0n) return this.#budget.take(bytes)
    const held = (this.#heldBytes.get(peer) ?? 0) + bytes
    if (held > this.#limitBytes || !this.#budget.take(bytes)) return false
    if (held > 0) this.#heldBytes.set(peer, held)
    return true
  }

  /** Gives back what was taken for `peer`. */
  give(peer: bigint, bytes: number): void {
    this.#budget.give(bytes)
    if (peer === 0n) return
    const held = (this.#heldBytes.get(peer) ?? 0) - bytes
    if (held > 0) this.#heldBytes.set(peer, held)
    else this.#heldBytes.delete(peer)
  }

  /** The part of `peer`. */
  of(peer: bigint): ByteSource {
    return { take: (bytes) => this.take(peer, bytes), give: (bytes) => this.give(peer, bytes) }
  }
}
