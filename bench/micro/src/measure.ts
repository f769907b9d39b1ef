import type { MicroTask } from './micro-task.js'

const ROUNDS = 9
const ROUND_MS = 60
const WARM_UP_MS = 150

/** Nanoseconds of one time, of each round. A clock takes as long as most of what is measured: it is read around many thousand times. */
export function measure(tasks: readonly MicroTask[]): Map<MicroTask, number[]> {
  const counts = tasks.map((task) => countFor(task))
  const rounds = new Map(tasks.map((task) => [task, [] as number[]]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, task] of tasks.entries()) {
      const count = counts[index]!
      rounds.get(task)!.push((timeOf(task, count) * 1e6) / count / (task.perRun ?? 1))
    }
  }
  return rounds
}

/** How many times fill a round, found while it warms up. */
function countFor(task: MicroTask): number {
  let count = 1
  for (let spent = 0; spent < WARM_UP_MS; ) {
    const ms = timeOf(task, count)
    if (ms < ROUND_MS) count *= 2
    spent += ms
  }
  return Math.max(1, Math.round((count * ROUND_MS) / Math.max(timeOf(task, count), 0.001)))
}

function timeOf(task: MicroTask, count: number): number {
  const startedAt = performance.now()
  task.run(count)
  return performance.now() - startedAt
}
