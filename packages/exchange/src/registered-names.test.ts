import { describe, expect, it } from 'vitest'
import { RegisteredNames } from './registered-names.js'

describe('RegisteredNames', () => {
  it('leaves doubles out and keeps the order', () => {
    const names = new RegisteredNames(['b', 'a', 'b'])
    expect([names.list, names.size]).toEqual([['b', 'a'], 2])
    expect(names.add('c')).toBe(true)
    expect(names.add('a')).toBe(false)
    expect(names.delete('b')).toBe(true)
    expect(names.delete('b')).toBe(false)
    expect([names.list, names.size]).toEqual([['a', 'c'], 2])
  })

  it('never changes a list it gave', () => {
    const names = new RegisteredNames(['a'])
    const before = names.list
    names.add('b')
    const between = names.list
    names.delete('a')
    expect([before, between, names.list]).toEqual([['a'], ['a', 'b'], ['b']])
    expect(names.list).toBe(names.list)
  })
})
