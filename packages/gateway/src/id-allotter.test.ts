import { describe, expect, it } from 'vitest'
import { IdAllotter } from './id-allotter.js'

describe('IdAllotter', () => {
  it('puts unix seconds above a counter that wraps', () => {
    const allotter = new IdAllotter(() => 1_795_326_784_999, 0xffff_ffff)
    expect(allotter.next(() => false)).toBe((1_795_326_784n << 32n) | 0xffff_ffffn)
    expect(allotter.next(() => false)).toBe(1_795_326_784n << 32n)
  })

  it('skips ids that are taken, and 0', () => {
    const taken = new Set([5n, 6n])
    const allotter = new IdAllotter(() => 0, 0)
    expect([1, 2, 3, 4, 5].map(() => allotter.next((id) => taken.has(id)))).toEqual([1n, 2n, 3n, 4n, 7n])
  })

  it('begins anywhere', () => {
    const firsts = new Set(Array.from({ length: 20 }, () => new IdAllotter(() => 0).next(() => false)))
    expect(firsts.size).toBeGreaterThan(15)
  })
})
