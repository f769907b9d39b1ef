import { cases } from './cases/index.js'
import type { Stoppable } from './bench-case.js'
import type { BenchOptions } from './bench-options.js'
import { describeMachine, type Machine } from './machine.js'
import type { Result } from './result.js'

/** What `--json` prints. */
export interface Report extends Machine {
  readonly startedAt: string
  readonly seconds: number
  readonly results: readonly Result[]
  /** Peers that could not be measured. */
  readonly missing: readonly Missing[]
}

/** A peer that is not here. */
export interface Missing {
  readonly peer: string
  readonly why: string
}

/** Runs the cases one after the other; every process it starts is gone when it returns or throws. */
export async function runBench(options: BenchOptions, say: (text: string) => void): Promise<Report> {
  const machine = describeMachine()
  const startedAt = new Date()
  const results: Result[] = []
  const missing: Missing[] = []
  for (const name of options.cases) {
    const caseStartedAt = performance.now()
    const owned: Stoppable[] = []
    try {
      results.push(...(await cases[name]({ options, say, own: (each) => owned.push(each), missing: (peer, why) => missing.push({ peer, why }) })))
    } finally {
      await Promise.all(owned.map((each) => each.stop()))
    }
    say(`${name}: ${Math.round((performance.now() - caseStartedAt) / 100) / 10} s`)
  }
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 100) / 10
  return { ...machine, startedAt: startedAt.toISOString(), seconds, results, missing }
}
