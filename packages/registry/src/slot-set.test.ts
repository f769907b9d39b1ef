import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { countBits, emptyBitmap, hasBit, intersect, setBit, SlotSet } from './slot-set.js'

describe('SlotSet', () => {
  it('is a set, whether it holds few of many slots or most of them', () => {
    const changes = fc.array(fc.tuple(fc.boolean(), fc.oneof(fc.nat(40), fc.nat(400), fc.nat(20_000))), { maxLength: 400 })
    fc.assert(
      fc.property(changes, (steps) => {
        const set = new SlotSet([])
        const model = new Set<number>()
        for (const [isAdd, slot] of steps) {
          const changed = isAdd ? !model.has(slot) : model.has(slot)
          expect(isAdd ? set.add(slot) : set.delete(slot)).toBe(changed)
          if (isAdd) model.add(slot)
          else model.delete(slot)
        }
        const bitmap = emptyBitmap(20_001)
        set.markIn(bitmap)
        const held = Array.from({ length: 20_001 }, (_, slot) => slot).filter((slot) => hasBit(bitmap, slot))
        expect(held).toEqual([...model].sort((a, b) => a - b))
        expect(set.size).toBe(model.size)
        expect(countBits(bitmap)).toBe(model.size)
        for (const slot of model) expect(set.has(slot)).toBe(true)
        expect(set.meets(bitmap)).toBe(model.size > 0)
        expect(set.meets(emptyBitmap(20_001))).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  it('grows from few to all and shrinks to few again', () => {
    const set = new SlotSet([])
    for (let slot = 0; slot < 10_000; slot++) expect(set.add(slot)).toBe(true)
    for (let slot = 0; slot < 9_998; slot++) expect(set.delete(slot)).toBe(true)
    expect([set.size, set.has(9_998), set.has(9_999), set.has(5)]).toEqual([2, true, true, false])
    expect(set.add(5_000_000)).toBe(true)
    expect([set.size, set.has(9_999), set.has(5_000_000)]).toEqual([3, true, true])
  })
})

describe('bitmaps', () => {
  it('have the last bit of a word as any other', () => {
    const [a, b] = [emptyBitmap(64), emptyBitmap(32)]
    for (const slot of [0, 31, 32, 63]) setBit(a, slot)
    for (const slot of [31, 5]) setBit(b, slot)
    expect(countBits(a)).toBe(4)
    intersect(a, b)
    expect([countBits(a), hasBit(a, 31), hasBit(a, 63)]).toEqual([1, true, false])
  })
})
