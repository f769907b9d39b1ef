/** Counts bytes held against a limit, and against that of a wider budget it is part of. */
export class ByteBudget {
  readonly limitBytes: number
  readonly #parent: ByteBudget | undefined
  #usedBytes = 0

  constructor(limitBytes: number, parent?: ByteBudget) {
    this.limitBytes = limitBytes
    this.#parent = parent
  }

  /** Bytes taken and not given back. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Takes `bytes` from this budget and its parents; false, with nothing taken, when one of them has no room. */
  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.limitBytes) return false
    if (this.#parent !== undefined && !this.#parent.take(bytes)) return false
    this.#usedBytes += bytes
    return true
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#usedBytes -= bytes
    this.#parent?.give(bytes)
  }
}

/** What all channels of this process may hold together of received bytes nobody has taken: 256 MiB. */
export const processReceiveBudget: ByteBudget = new ByteBudget(256 * 1024 * 1024)
