/** Something that has bytes to write at the end of this turn of the event loop. */
export interface Flushable {
  flush(): void
}

type Schedule = (run: () => void) => unknown

// An immediate runs behind the poll phase: every socket that had data in this turn has been read by then, so that all
// answers of the turn leave in one write per link. Browsers have no such phase: there a microtask ends the turn.
const { setImmediate: runAfterPoll } = globalThis as { setImmediate?: Schedule }
const schedule: Schedule = runAfterPoll ?? queueMicrotask

/** Gathers links that have something to write and flushes them all once per turn of the event loop: one immediate for all links. */
export class FlushQueue {
  #waiting: Flushable[] = []
  #spare: Flushable[] = []
  #isScheduled = false
  readonly #run = (): void => {
    this.#isScheduled = false
    const links = this.#waiting
    this.#waiting = this.#spare
    let failure: { thrown: unknown } | undefined
    for (const link of links) {
      try {
        link.flush()
      } catch (thrown) {
        failure ??= { thrown }
      }
    }
    links.length = 0
    this.#spare = links
    // A fault of one link is not to stop the others; then it goes where uncaught faults go.
    if (failure !== undefined) throw failure.thrown
  }

  /** `link.flush()` is called at the end of this turn; the caller sees to it that a link is added once per turn. */
  add(link: Flushable): void {
    this.#waiting.push(link)
    if (this.#isScheduled) return
    this.#isScheduled = true
    schedule(this.#run)
  }
}

/** The queue that links use unless they are given another one. */
export const sharedFlushQueue: FlushQueue = new FlushQueue()
