import { describe, expect, it } from 'vitest'

import { linearScale, logScale, tickText } from './scale.js'

describe('scales', () => {
  it('begin at 0 and end above the most, with round ticks', () => {
    const { at, ticks } = linearScale(87_000, 100)
    expect(ticks).toEqual([0, 20_000, 40_000, 60_000, 80_000, 100_000])
    expect(at(50_000)).toBe(50)
    expect(linearScale(0, 100).ticks.length).toBeGreaterThan(1)
  })

  it('put equal factors equally far apart', () => {
    const { at, ticks } = logScale([100, 1, 10, 1], 80)
    expect(ticks).toEqual([1, 10, 100])
    expect(at(1)).toBe(0)
    expect(at(10)).toBeCloseTo(40)
    expect(at(100)).toBe(80)
    expect(logScale([5], 80).at(5)).toBe(40)
  })

  it('write numbers short', () => {
    expect([0.25, 8, 999, 12_000, 1_500_000].map(tickText)).toEqual(['0.25', '8', '999', '12k', '1.5M'])
  })
})
