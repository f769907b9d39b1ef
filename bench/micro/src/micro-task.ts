/** Something small that is done again and again. */
export interface MicroTask {
  readonly group: string
  readonly name: string
  /** What is counted, when one time is several of them: frames of a chunk. */
  readonly perRun?: number
  /** Does it `count` times: a call per time would be a good part of what is measured. */
  run(count: number): void
}

/** Results that nobody uses may not be computed at all: add them up here. */
export const used: { sum: number } = { sum: 0 }
