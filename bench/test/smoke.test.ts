// Runs the whole bench in its tiniest form, from dist/ and with every process, so that it never rots. What it measures is not looked at.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

import { caseNames } from '../src/case-names.js'
import type { Report } from '../src/run-bench.js'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const run = promisify(execFile)

describe('the bench', () => {
  it('measures every case through relay and gateway', { timeout: 120_000 }, async () => {
    const { stdout } = await run(process.execPath, [MAIN, '--tiny', '--json'])
    const { results, node } = JSON.parse(stdout) as Report
    expect(node).toBe(process.version)
    for (const [name, drivers] of [['calls', ['raw', 'sdk']], ['messages', ['raw', 'sdk']], ['stream', ['sdk']], ['idle-memory', ['raw']], ['connects', ['raw']]] as const) {
      for (const by of drivers) {
        const found = results.filter(({ name: each, params }) => each === name && params['through'] === 'gateway' && params['by'] === by)
        expect(found, `${name} by ${by}`).not.toHaveLength(0)
        for (const { value, ceiling, ratio } of found) {
          expect(value).toEqual(expect.any(Number))
          expect(ceiling).toEqual(expect.any(Number))
          // So few idle edges may cost the relay no memory that can be seen: then there is nothing to divide by.
          if (name !== 'idle-memory' || ceiling !== 0) expect(ratio).toEqual(expect.any(Number))
        }
      }
    }
  })

  it('says what is wrong with its flags', async () => {
    await expect(run(process.execPath, [MAIN, '--only', 'nothing'])).rejects.toMatchObject({
      code: 1,
      stderr: `bench: --only: there is no case "nothing"; there are ${caseNames.join(', ')}\n`,
    })
  })
})
