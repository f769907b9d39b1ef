/** Something that takes its time, in its turn. */
export interface Job {
  /** Runs; resolves when the next of its key may. Never rejects. */
  run(gate: Gate): Promise<void>
}

/** Bounds how many run at once; a job holds its place only while it needs it. */
export class Gate {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(places: number) {
    this.#free = places
  }

  /** Runs `action` when there is a place for it. */
  async through<T>(action: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    try {
      return await action()
    } finally {
      // Whoever waits has the place at once: nobody else can take it in between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}

/** Runs the jobs of one key one after another, and those of different keys side by side. */
export class Lanes {
  readonly #gate: Gate
  /** Jobs behind the one that runs. */
  readonly #lanes = new Map<string, Job[]>()
  #running = 0
  #onIdle: (() => void) | undefined = undefined

  constructor(maxConcurrency: number) {
    this.#gate = new Gate(maxConcurrency)
  }

  /** Runs `job` in its turn; with the key '' at once. */
  add(key: string, job: Job): void {
    const lane = key === '' ? undefined : this.#lanes.get(key)
    if (lane !== undefined) {
      lane.push(job)
      return
    }
    const own = [job]
    if (key !== '') this.#lanes.set(key, own)
    void this.#run(key, own)
  }

  /** Resolves when nothing runs. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onIdle = resolve
    })
  }

  async #run(key: string, jobs: Job[]): Promise<void> {
    this.#running++
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job.run(this.#gate)
    if (key !== '') this.#lanes.delete(key)
    if (--this.#running === 0) this.#onIdle?.()
  }
}
