import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NameCache } from './name-cache.js'

describe('the name cache', () => {
  it('converts like TextEncoder and TextDecoder, however often and whatever came before', () => {
    const cache = new NameCache()
    const name = fc.oneof(fc.string(), fc.string({ unit: 'grapheme', maxLength: 200 }), fc.constantFrom('a', 'b', 'ab', 'ba'))
    fc.assert(
      fc.property(fc.array(name, { maxLength: 50 }), fc.nat(10), (names, offset) => {
        for (const text of names) {
          const bytes = cache.encode(text)
          expect(bytes).toEqual(new TextEncoder().encode(text))
          const chunk = new Uint8Array(offset + bytes.length + 3).fill(0x61)
          chunk.set(bytes, offset)
          expect(cache.decode(chunk, offset, offset + bytes.length)).toBe(new TextDecoder('utf-8', { ignoreBOM: false }).decode(bytes))
        }
      }),
    )
  })

  it('keeps no chunk that is used again', () => {
    const cache = new NameCache()
    const chunk = new TextEncoder().encode('method')
    expect(cache.decode(chunk, 0, 6)).toBe('method')
    chunk.fill(0x78)
    expect(cache.decode(new TextEncoder().encode('method'), 0, 6)).toBe('method')
    expect(cache.decode(chunk, 0, 6)).toBe('xxxxxx')
  })
})
