import { describe, expect, it } from 'vitest'

import { parseBenchOptions } from './bench-options.js'
import { caseNames } from './case-names.js'
import { fullPlan, quickPlan } from './plan.js'

describe('parseBenchOptions', () => {
  it('measures everything by default', () => {
    expect(parseBenchOptions([])).toMatchObject({ plan: fullPlan, cases: caseNames, json: false, keep: true })
  })

  it('takes some of the cases', () => {
    expect(parseBenchOptions(['--only', 'calls, idle', '--quick', '--json'])).toMatchObject({ plan: quickPlan, cases: ['calls', 'idle'], json: true })
  })

  it('keeps results of what measures, unless told not to', () => {
    expect([[], ['--quick'], ['--tiny'], ['--discard']].map((args) => parseBenchOptions(args).keep)).toEqual([true, true, false, false])
  })

  it.each([
    [['--only', 'call'], 'no case "call"'],
    [['--fast'], '--fast'],
    [['calls'], 'calls'],
  ])('refuses %j', (args, message) => {
    expect(() => parseBenchOptions(args)).toThrow(message)
  })
})
