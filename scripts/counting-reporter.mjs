import { writeFileSync } from 'node:fs'

/** A vitest reporter that leaves the totals in a file, so that a script can print them after all other output. */
export default class CountingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state === 'pending' ? 'skipped' : state] += 1
      }
      counts.failed += module.errors().length // a file that could not be loaded has no tests to count
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length // its hooks
    }
    if (process.env.FRONTIER_TEST_COUNTS) writeFileSync(process.env.FRONTIER_TEST_COUNTS, JSON.stringify(counts))
  }
}
