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

  it('stays finite after very many attempts', () => {
    const backoff = new Backoff(options, () => 1)
    for (let i = 0; i < 5000; i++) backoff.next()
    expect(backoff.next()).toBe(15_000)
  })
})
