import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { selectPage } from './select-page.js'

const byValue = (a: [number, number], b: [number, number]): number => a[0] - b[0] || a[1] - b[1]

describe('selectPage', () => {
  it('gives what sorting and slicing gives', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.nat(40), fc.nat(40), (values, start, length) => {
        const items = values.map((value, index): [number, number] => [value, index])
        const sorted = [...items].sort(byValue)
        expect(selectPage(items, byValue, { start, end: start + length })).toEqual(sorted.slice(start, start + length))
      }),
    )
  })

  it.each([
    ['in order', (index: number) => index],
    ['in reverse', (index: number) => -index],
    ['all equal', () => 0],
    ['mixed', (index: number) => (index * 7_919) % 10_007],
  ])('compares each of 50,000 items %s a few times only, on whatever page', (_, value) => {
    for (const start of [0, 100, 24_950, 49_800, 49_900]) {
      const items = Array.from({ length: 50_000 }, (_item, index): [number, number] => [value(index), index])
      const sorted = [...items].sort(byValue)
      let comparisons = 0
      const counting = (a: [number, number], b: [number, number]): number => {
        comparisons++
        return byValue(a, b)
      }
      expect(selectPage(items, counting, { start, end: start + 100 })).toEqual(sorted.slice(start, start + 100))
      expect(comparisons).toBeLessThan(50_000 * 6)
    }
  })
})
