import { describe, expect, it } from 'vitest'

import { NameIndex } from './name-index.js'
import { emptyBitmap, hasBit } from './slot-set.js'

function holders(index: NameIndex, name: string): number[] {
  const bitmap = emptyBitmap(100)
  index.markHolders(name, bitmap)
  return Array.from({ length: 100 }, (_, slot) => slot).filter((slot) => hasBit(bitmap, slot))
}

describe('NameIndex', () => {
  it('goes from none to one to several holders and back', () => {
    const index = new NameIndex()
    expect([index.count('n'), holders(index, 'n'), index.has('n', 7)]).toEqual([0, [], false])
    expect(index.add('n', 7)).toBe(true)
    expect(index.add('n', 7)).toBe(false)
    expect([index.count('n'), holders(index, 'n'), index.has('n', 7), index.has('n', 9)]).toEqual([1, [7], true, false])
    expect(index.add('n', 9)).toBe(true)
    expect(index.add('n', 9)).toBe(false)
    expect([index.count('n'), holders(index, 'n'), index.has('n', 9)]).toEqual([2, [7, 9], true])
    expect(index.delete('n', 7)).toBe(true)
    expect(index.delete('n', 7)).toBe(false)
    expect([index.count('n'), [...index.names(undefined)]]).toEqual([1, ['n']])
    expect(index.delete('n', 9)).toBe(true)
    expect(index.delete('n', 9)).toBe(false)
    expect([...index.names(undefined)]).toEqual([])
  })

  it('does not take the name of one holder from another', () => {
    const index = new NameIndex()
    index.add('n', 3)
    expect(index.delete('n', 4)).toBe(false)
    expect(index.has('n', 3)).toBe(true)
  })

  it('names what some slots hold', () => {
    const index = new NameIndex()
    index.add('one', 1)
    index.add('both', 1)
    index.add('both', 40)
    const slots = emptyBitmap(100)
    slots[1] = 1 << (40 - 32)
    expect([...index.names(slots)]).toEqual(['both'])
  })
})
