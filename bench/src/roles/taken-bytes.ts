import { setTimeout as sleep } from 'node:timers/promises'

import type { Taken } from '../load.js'

/** One stream that is counted. */
export interface Counted {
  bytes: number
}

/** Counts the bytes of streams, each for itself. */
export class TakenBytes {
  readonly #open = new Set<Counted>()

  /** Begins to count a stream. */
  open(): Counted {
    const stream = { bytes: 0 }
    this.#open.add(stream)
    return stream
  }

  /** Forgets a stream that is over. */
  close(stream: Counted): void {
    this.#open.delete(stream)
  }

  /** What comes within `ms` on each of the streams that are open. */
  async during(ms: number): Promise<Taken> {
    const streams = [...this.#open]
    const before = streams.map(({ bytes }) => bytes)
    const startedAt = performance.now()
    await sleep(ms)
    return { bytes: streams.map(({ bytes }, index) => bytes - before[index]!), seconds: (performance.now() - startedAt) / 1000 }
  }
}
