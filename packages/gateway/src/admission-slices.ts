// Of the platform, as the flush queue has it: a clock that somebody else stops must not keep newcomers out.
const { setTimeout: runLater, setImmediate: runSoon } = globalThis

/** Something that is to be begun when its turn comes, unless it is over by then. */
export interface Beginner {
  begin(): void
}

/** How many begin in one turn of the event loop: about 2 ms, so that frames of those who are in wait no longer for everybody who comes back at once. */
const SLICE_SIZE = 32
/**
 * Behind a slice, newcomers gather so long. libuv accepts one connection per turn, so that in a rush each would have a write to the id service, and an
 * answer, of its own: gathered, a dozen share one (docs/performance.md).
 */
const GATHER_MS = 2

/** Lets many who want the same begin a few at a time, in the order in which they came. One who comes alone begins at once. */
export class AdmissionSlices {
  #waiting: Beginner[] = []
  #head = 0
  #restsUntil = 0
  #isScheduled = false
  readonly #run = (): void => {
    // Scheduled still: who comes while others begin waits behind those who were there.
    const end = Math.min(this.#waiting.length, this.#head + SLICE_SIZE)
    while (this.#head < end) this.#waiting[this.#head++]!.begin()
    if (this.#head === this.#waiting.length) {
      this.#waiting = []
      this.#head = 0
      this.#restsUntil = performance.now() + GATHER_MS
      this.#isScheduled = false
    } else runSoon(this.#run)
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length - this.#head
  }

  /** `newcomer.begin()` is called now, or in a moment. */
  add(newcomer: Beginner): void {
    const restMs = this.#isScheduled ? 0 : this.#restsUntil - performance.now()
    if (!this.#isScheduled && restMs <= 0) {
      this.#restsUntil = performance.now() + GATHER_MS
      newcomer.begin()
      return
    }
    this.#waiting.push(newcomer)
    if (this.#isScheduled) return
    this.#isScheduled = true
    runLater(this.#run, restMs)
  }
}
