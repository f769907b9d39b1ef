import { cases } from './cases/index.js'
import type { BenchOptions } from './bench-options.js'
import { describeMachine, type Machine } from './machine.js'
import type { Child } from './process/child.js'
import type { Result } from './result.js'

/** What `--json` prints. */
export interface Report extends Machine {
  readonly startedAt: string
  readonly seconds: number
  readonly results: readonly Result[]
}

/** Runs the cases one after the other; every process it starts is gone when it returns or throws. */
export async function runBench(options: BenchOptions, say: (text: string) => void): Promise<Report> {
  const machine = describeMachine()
  const startedAt = new Date()
  const results: Result[] = []
  for (const name of options.cases) {
    const children: Child[] = []
    try {
      results.push(...(await cases[name]({ options, say, own: (child) => children.push(child) })))
    } finally {
      await Promise.all(children.map((child) => child.stop()))
    }
  }
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 100) / 10
  return { ...machine, startedAt: startedAt.toISOString(), seconds, results }
}
