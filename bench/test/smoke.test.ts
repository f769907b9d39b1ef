// Runs the whole bench in its tiniest form, from dist/ and with every process, so that it never rots. What it measures is not looked at.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

import { brokerKinds } from '../src/brokers/broker-kind.js'
import { caseNames } from '../src/case-names.js'
import type { Result } from '../src/result.js'
import type { Report } from '../src/run-bench.js'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const run = promisify(execFile)

describe('the bench', () => {
  it('measures every case through relay and gateway', { timeout: 300_000 }, async () => {
    const { stdout } = await run(process.execPath, [MAIN, '--tiny', '--json'])
    const { results, node, missing } = JSON.parse(stdout) as Report
    expect(node).toBe(process.version)
    for (const result of results) expectSchema(result)
    for (const [name, drivers] of [['calls', ['raw', 'sdk']], ['messages', ['raw', 'sdk']], ['stream', ['sdk']], ['idle-memory', ['sdk']], ['connects', ['raw']]] as const) {
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
    for (const broker of brokerKinds) {
      if (missing.some(({ peer }) => peer === broker)) continue
      const rates = results.filter(({ name, params }) => name === 'bridges' && params['broker'] === broker)
      expect(rates.map(({ params, ratio }) => [params['through'], params['by'], ratio === null])).toEqual([
        ['client', 'client', true],
        ['gateway', 'raw', false],
        ['gateway', 'sdk', false],
      ])
      const kept = results.find(({ name, params }) => name === 'bridges-kept' && params['broker'] === broker)
      expect(kept?.value, broker).toBeGreaterThan(0)
    }
  })

  it('prints where and when it measured', async () => {
    const { stdout } = await run(process.execPath, [MAIN, '--tiny', '--json', '--only', 'streams'])
    const report = JSON.parse(stdout) as Report
    expect(report.commit === null || /^[0-9a-f]{12}\+?$/.test(report.commit)).toBe(true)
    expect(report).toMatchObject({ cpu: expect.any(String), startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), seconds: expect.any(Number) })
    expect(report.load).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)])
  })

  it('says what is wrong with its flags', async () => {
    await expect(run(process.execPath, [MAIN, '--only', 'nothing'])).rejects.toMatchObject({
      code: 1,
      stderr: `bench: --only: there is no case "nothing"; there are ${caseNames.join(', ')}\n`,
    })
  })
})

/** What the README says of each result in the JSON: all of it there, null where it does not apply. */
function expectSchema(result: Result): void {
  const numberOrNull = expect.toSatisfy((value: unknown) => value === null || typeof value === 'number')
  expect(result, JSON.stringify(result)).toEqual({
    name: expect.stringMatching(/^[a-z0-9-]+$/),
    params: expect.any(Object),
    value: expect.any(Number),
    unit: expect.any(String),
    rounds: expect.any(Number),
    spread: numberOrNull,
    perGatewayCpuSecond: numberOrNull,
    ceiling: numberOrNull,
    ratio: numberOrNull,
    ratioSpread: numberOrNull,
    cpuRatio: numberOrNull,
    wide: expect.any(Boolean),
  })
  for (const value of Object.values(result.params)) expect(['string', 'number']).toContain(typeof value)
}
