import { describe, expect, it } from 'vitest'
import { Backoff } from './backoff.js'

const options = { initialDelayMs: 100, maxDelayMs: 15_000, factor: 2 }

describe('Backoff', () => {
  it('doubles its ceiling up to the maximum', () => {
    const backoff = new Backoff(options, () => 1)
    expect(Array.from({ length: 10 }, () => backoff.next())).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000])
    expect(backoff.attempt).toBe(10)
    backoff.reset()
    expect(backoff.next()).toBe(100)
  })

  it('spreads over the whole range: full jitter', () => {
    const delays = Array.from({ length: 1000 }, () => new Backoff(options).next())
    expect(Math.min(...delays)).toBeLessThan(10)
    expect(Math.max(...delays)).toBeGreaterThan(90)
    expect(delays.every((delay) => Number.isInteger(delay) && delay <= 100)).toBe(true)
  })

  it('begins anew when a connection outlived the next pause, and takes back as much as a shorter one lived', () => {
    const after = (failures: number, ...livedMs: readonly number[]): number => {
      const backoff = new Backoff(options, () => 1)
      for (let i = 0; i < failures; i++) backoff.next()
      for (const ms of livedMs) backoff.noteLived(ms)
      return backoff.next()
    }
    expect(after(4, 1600)).toBe(100)
    expect([after(4, 0), after(4, 100), after(4, 199)]).toEqual([1600, 1600, 1600])
    expect([after(4, 200), after(4, 400), after(4, 1599)]).toEqual([800, 400, 200])
    // After hours of attempts as after those that it took to reach the longest pause.
    expect([after(5000, 0), after(5000, 3200), after(5000, 14_999)]).toEqual([15_000, 800, 200])
    expect([after(4, 60_000), after(0, 0)]).toEqual([100, 100])
  })

  it('keeps to its pause where that does not grow', () => {
    const steady = new Backoff({ initialDelayMs: 500, maxDelayMs: 500, factor: 1 }, () => 1)
    const none = new Backoff({ initialDelayMs: 0, maxDelayMs: 0, factor: 2 }, () => 1)
    for (const livedMs of [0, 499, 500, 9000]) {
      for (const backoff of [steady, none]) backoff.noteLived(livedMs)
      expect([steady.next(), none.next()]).toEqual([500, 0])
    }
  })

  it('stays finite after very many attempts', () => {
    const backoff = new Backoff(options, () => 1)
    for (let i = 0; i < 5000; i++) backoff.next()
    expect(backoff.next()).toBe(15_000)
  })
})
