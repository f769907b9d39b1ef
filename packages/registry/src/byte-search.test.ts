import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { byteSearch } from './byte-search.js'

const letters = fc.integer({ min: 97, max: 99 })
const bytes = (maxLength: number) => fc.array(letters, { maxLength }).map((list) => Uint8Array.from(list))

describe('byteSearch', () => {
  it('finds what Buffer.includes finds', () => {
    fc.assert(
      fc.property(bytes(400), bytes(5), (where, wanted) => {
        expect(byteSearch(wanted)(where)).toBe(Buffer.from(where).includes(Buffer.from(wanted)))
      }),
      { numRuns: 2_000 },
    )
  })

  it('finds what stands at either end, and every byte', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    for (let byte = 0; byte < 256; byte++) expect(byteSearch(Uint8Array.of(byte))(all)).toBe(true)
    expect(byteSearch(Uint8Array.of(254, 255))(all)).toBe(true)
    expect(byteSearch(Uint8Array.of(0, 1))(all)).toBe(true)
    expect(byteSearch(Uint8Array.of(1, 0))(all)).toBe(false)
    expect(byteSearch(all)(all)).toBe(true)
    expect(byteSearch(all)(all.subarray(1))).toBe(false)
  })

  it('looks only at its own part of a buffer', () => {
    const whole = Uint8Array.of(1, 2, 3, 4)
    expect(byteSearch(Uint8Array.of(3, 4))(whole.subarray(0, 3))).toBe(false)
    expect(byteSearch(Uint8Array.of(1))(new Uint8Array(300).map((_, at) => (at === 0 ? 1 : 0)).subarray(1))).toBe(false)
  })
})
