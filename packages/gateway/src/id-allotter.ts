import { randomInt } from 'node:crypto'
import { idFromParts } from '@frontier/wire'

const COUNTER_SIZE = 2 ** 32

/** Allots ids as all members of the family do: upper 32 bits unix seconds, lower 32 a counter that starts anywhere. */
export class IdAllotter {
  #counter: number
  readonly #now: () => number

  /** `now` is unix milliseconds; `start` is where the counter begins, at random by default. */
  constructor(now: () => number = Date.now, start: number = randomInt(COUNTER_SIZE)) {
    this.#now = now
    this.#counter = start
  }

  /** An id that `isTaken` says no to. */
  next(isTaken: (id: bigint) => boolean): bigint {
    for (;;) {
      const id = idFromParts(Math.floor(this.#now() / 1000) % COUNTER_SIZE, this.#counter)
      this.#counter = (this.#counter + 1) % COUNTER_SIZE
      if (id !== 0n && !isTaken(id)) return id
    }
  }
}
