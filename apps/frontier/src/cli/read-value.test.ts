import { describe, expect, it } from 'vitest'

import { readValue } from './read-value.js'

describe('readValue', () => {
  it.each([
    ['64', 64],
    ['16k', 16_384],
    ['16KiB', 16_384],
    ['1M', 1_048_576],
    ['2gb', 2_147_483_648],
    ['0', 0],
  ])('size %s', (text, number) => {
    expect(readValue({ kind: 'size' }, text, 'size').number).toBe(number)
  })

  it('a time is a moment, or how long ago', () => {
    const before = Date.now()
    const { number } = readValue({ kind: 'time' }, '1h', 'since')
    expect(number).toBeGreaterThanOrEqual(before - 3_600_000)
    expect(number).toBeLessThanOrEqual(Date.now() - 3_600_000)
    expect(readValue({ kind: 'time' }, '2026-11-22T08:00:00Z', 'since').number).toBe(Date.UTC(2026, 10, 22, 8))
  })

  it.each([
    [{ kind: 'file' as const }, ''],
    [{ kind: 'size' as const }, '-1'],
    [{ kind: 'integer' as const }, '1.5'],
    [{ kind: 'integer' as const }, '9999999999999999'],
    [{ kind: 'duration' as const }, '99999999999999999999d'],
    [{ kind: 'label' as const }, '=x'],
    [{ kind: 'choice' as const, choices: ['a', 'b'] }, 'c'],
  ])('refuses %j %s', (value, text) => {
    expect(() => readValue(value, text, 'it')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
