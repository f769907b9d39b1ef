import { describe, expect, it } from 'vitest'

import { median, ratios, spread } from './statistics.js'

describe('statistics', () => {
  it('has the median of odd and even counts, in any order', () => {
    expect(median([30, 10, 20])).toBe(20)
    expect(median([40, 10, 20, 30])).toBe(25)
    expect(median([])).toBeNaN()
  })

  it('tells how far rounds lie apart as a part of the median', () => {
    expect(spread([90, 100, 115])).toBeCloseTo(0.125)
    expect(spread([100, 100, 100, 100, 900])).toBe(0)
    expect(spread([7])).toBe(0)
    expect(spread([0, 0])).toBe(0)
  })

  it('compares rounds pair by pair', () => {
    expect(ratios([1, 3], [2, 4])).toEqual([0.5, 0.75])
  })
})
