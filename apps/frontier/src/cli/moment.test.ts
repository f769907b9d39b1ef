import { describe, expect, it } from 'vitest'

import { durationText, millisecondsOf, momentText, parseDuration, timestampOf } from './moment.js'

describe('durations', () => {
  it.each([
    ['0', 0],
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5s', 1500],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
  ])('%s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each(['', '5', '-1s', 's', '1x', '1 s', '1s!'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it.each([
    [0, '0ms'],
    [999, '999ms'],
    [12_345, '12s'],
    [60_000, '1m'],
    [3_661_000, '1h 1m'],
    [3_600_000 * 24 * 3 + 59_000, '3d'],
  ])('%d is told as %s', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text)
  })
})

describe('moments', () => {
  it('go to the API and back', () => {
    for (const unixMs of [0, 1_795_334_400_123, -1, 999]) expect(millisecondsOf(timestampOf(unixMs))).toBe(unixMs)
    expect(timestampOf(-1)).toEqual({ seconds: -1n, nanos: 999_000_000 })
    expect(millisecondsOf(undefined)).toBeUndefined()
  })

  it('are told in UTC', () => {
    expect(momentText(Date.UTC(2026, 10, 22, 8, 0, 0, 5))).toBe('2026-11-22 08:00:00')
    expect(momentText(Date.UTC(2026, 10, 22, 8, 0, 0, 5), true)).toBe('2026-11-22 08:00:00.005')
    expect(momentText(undefined)).toBe('-')
  })
})
