/** How much of a list is done from its beginning without a gap: what comes after a gap may be lost with it. */
export class SettledPrefix {
  readonly #isDone: boolean[] = []
  #length = 0

  /** Items from the first that are all done. */
  get length(): number {
    return this.#length
  }

  /** Marks the item at `index`; whether the beginning grew. */
  add(index: number): boolean {
    this.#isDone[index] = true
    const before = this.#length
    while (this.#isDone[this.#length] === true) this.#length++
    return this.#length > before
  }
}
