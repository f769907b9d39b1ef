const MAX_ID = 0xffff_ffff

/** Ids for requests: counting up through all of u32 but 0, so that none comes again before 2^20 others, passing over those still in use. */
export class RequestIds {
  #last: number

  constructor(last = 0) {
    this.#last = last
  }

  /** The next id that `inUse` does not have. */
  next(inUse: { has(id: number): boolean }): number {
    do {
      this.#last = this.#last === MAX_ID ? 1 : this.#last + 1
    } while (inUse.has(this.#last))
    return this.#last
  }
}
