import { describe, expect, it } from 'vitest'

import { EMPTY, json, strictUtf8, toBytes, utf8 } from './bytes.js'

describe('toBytes', () => {
  it('returns bytes as they are, without a copy', () => {
    const bytes = new Uint8Array([1, 2])
    expect(toBytes(bytes)).toBe(bytes)
  })

  it('makes no bytes of undefined and of no text', () => {
    expect(toBytes(undefined)).toBe(EMPTY)
    expect(toBytes('')).toHaveLength(0)
  })

  it.each(['a', 'größe', '日本', '😀', 'a'.repeat(127) + 'ä', 'a'.repeat(128), 'a'.repeat(129), 'ä'.repeat(200), '\0\x7f\x80'])('encodes %j as UTF-8', (text) => {
    expect(toBytes(text)).toEqual(new TextEncoder().encode(text))
  })

  it('gives each string bytes of its own', () => {
    const bytes = toBytes('abc')
    bytes[0] = 0
    expect(utf8(toBytes('abc'))).toBe('abc')
    expect(bytes.buffer.byteLength).toBe(3)
  })
})

describe('json', () => {
  it('is JSON text', () => {
    expect(json({ a: [1, null], b: 'ü' })).toBe('{"a":[1,null],"b":"ü"}')
  })

  it('writes a bigint as a decimal string, as ids are in JSON', () => {
    expect(json({ edgeId: 18_446_744_073_709_551_615n, list: [1n] })).toBe('{"edgeId":"18446744073709551615","list":["1"]}')
    expect(json(5n)).toBe('"5"')
  })

  it.each([undefined, () => 1, Symbol('s')])('is null for what has no JSON: %s', (value) => {
    expect(json(value)).toBe('null')
  })

  it('throws INVALID_ARGUMENT for a value that contains itself', () => {
    const value: Record<string, unknown> = {}
    value['self'] = value
    expect(() => json(value)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', cause: expect.any(TypeError) as TypeError }) as Error)
  })
})

describe('utf8', () => {
  it('replaces what is malformed', () => {
    expect(utf8(new Uint8Array([0x61, 0xff, 0x62]))).toBe('a\ufffdb')
  })

  it('keeps a byte order mark', () => {
    expect(utf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toBe('\ufeffa')
  })
})

describe('strictUtf8', () => {
  it('is the text, its byte order mark included', () => {
    expect(strictUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toBe('\ufeffa')
  })

  it.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0xc0, 0x80]]])('is undefined for %j', (bytes) => {
    expect(strictUtf8(new Uint8Array(bytes))).toBeUndefined()
  })

  it('works on after a failure', () => {
    expect(strictUtf8(new Uint8Array([0xc3]))).toBeUndefined()
    expect(strictUtf8(new Uint8Array([0xa4]))).toBeUndefined()
    expect(strictUtf8(new Uint8Array([0x61]))).toBe('a')
  })
})
