import { describe, expect, it } from 'vitest'

import { NameIndex } from './name-index.js'

describe('NameIndex', () => {
  it('goes from none to one to several holders and back', () => {
    const [a, b] = [{ is: 'a' }, { is: 'b' }]
    const index = new NameIndex<object>()
    expect([index.count('n'), [...index.holders('n')], index.has('n', a)]).toEqual([0, [], false])
    expect(index.add('n', a)).toBe(true)
    expect(index.add('n', a)).toBe(false)
    expect([index.count('n'), [...index.holders('n')], index.has('n', a), index.has('n', b)]).toEqual([1, [a], true, false])
    expect(index.add('n', b)).toBe(true)
    expect(index.add('n', b)).toBe(false)
    expect([index.count('n'), [...index.holders('n')], index.has('n', b)]).toEqual([2, [a, b], true])
    expect(index.delete('n', a)).toBe(true)
    expect(index.delete('n', a)).toBe(false)
    expect([index.count('n'), [...index.names()]]).toEqual([1, ['n']])
    expect(index.delete('n', b)).toBe(true)
    expect(index.delete('n', b)).toBe(false)
    expect([...index.names()]).toEqual([])
  })

  it('does not take the name of one holder from another', () => {
    const index = new NameIndex<object>()
    const holder = {}
    index.add('n', holder)
    expect(index.delete('n', {})).toBe(false)
    expect(index.has('n', holder)).toBe(true)
  })
})
