import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { root, runNode, tool } from './bootstrap.mjs'

/** Runs vitest and returns { passed, failed, skipped }. A run that dies or finds nothing counts as one failure. */
export function runTests(args = []) {
  const folder = mkdtempSync(path.join(tmpdir(), 'frontier-test-'))
  const file = path.join(folder, 'counts.json')
  const reporter = path.join(root, 'scripts/counting-reporter.mjs')
  const status = runNode([tool('vitest'), 'run', '--reporter=default', `--reporter=${reporter}`, ...args], {
    env: { FRONTIER_TEST_COUNTS: file },
  })
  const counts = readCounts(file)
  rmSync(folder, { recursive: true, force: true })
  if (status !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

/** The line that ends every test run. */
export function totalLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}
