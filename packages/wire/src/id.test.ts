import { describe, expect, it } from 'vitest'

import { idFromParts, idHigh, idLow, parseId, toId } from './id.js'

const MAX = 0xffff_ffff_ffff_ffffn

describe('toId', () => {
  it.each([
    [1, 1n],
    [1n, 1n],
    [Number.MAX_SAFE_INTEGER, 9_007_199_254_740_991n],
    [MAX, MAX],
  ])('takes %s', (value, id) => {
    expect(toId(value)).toBe(id)
  })

  it.each([0, 0n, -1, -1n, MAX + 1n, 1.5, Number.NaN, Infinity, 2 ** 53])('throws ILLEGAL_EDGE_ID for %s', (value) => {
    expect(() => toId(value)).toThrow(expect.objectContaining({ code: 'ILLEGAL_EDGE_ID' }) as Error)
  })

  it.each(['7', null, undefined, {}, Symbol('id')])('throws ILLEGAL_EDGE_ID for what is no number: %s', (value) => {
    expect(() => toId(value as bigint)).toThrow(expect.objectContaining({ code: 'ILLEGAL_EDGE_ID' }) as Error)
  })
})

describe('parseId', () => {
  it.each([
    ['1', 1n],
    ['007', 7n],
    ['18446744073709551615', MAX],
  ])('reads %s', (text, id) => {
    expect(parseId(text)).toBe(id)
  })

  it.each(['', '0', '-1', '+1', '1.0', '1e3', '0x1', ' 1', '1 ', '1\n', '18446744073709551616', '111111111111111111111', '١'])('is undefined for %j', (text) => {
    expect(parseId(text)).toBeUndefined()
  })
})

describe('halves', () => {
  it.each([1n, 0xffff_ffffn, 0x1_0000_0000n, 0x8000_0000_8000_0000n, MAX])('%s is its upper and lower half', (id) => {
    expect(idFromParts(idHigh(id), idLow(id))).toBe(id)
    expect(idHigh(id) * 2 ** 32 + idLow(id)).toBe(Number(id))
  })
})
