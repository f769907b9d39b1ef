import { expect, it, vi } from 'vitest'
import { perHeaders } from './per-headers.js'

it('makes it once of headers that messages share, and anew of others', () => {
  const make = vi.fn((headers: Readonly<Record<string, string | Uint8Array>>) => ({ names: Object.keys(headers) }))
  const namesOf = perHeaders(make)
  const shared = Object.freeze({ a: '1' })
  expect(namesOf(shared)).toBe(namesOf(shared))
  expect(namesOf(shared)).toEqual({ names: ['a'] })
  const own: Record<string, string> = { b: '1' }
  expect(namesOf(own)).toEqual({ names: ['b'] })
  own['c'] = '2'
  expect(namesOf(own)).toEqual({ names: ['b', 'c'] })
  expect(make).toHaveBeenCalledTimes(3)
})
