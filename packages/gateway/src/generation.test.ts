import { describe, expect, it } from 'vitest'
import { Generations } from './generation.js'

describe('Generations', () => {
  it('are microseconds', () => {
    expect(new Generations(() => 1_795_326_784_123.5).next()).toBe(1_795_326_784_123_000)
  })

  it('only grow, whatever the clock does', () => {
    let now = 2000
    const generations = new Generations(() => now)
    expect(generations.next()).toBe(2_000_000)
    expect(generations.next()).toBe(2_000_001)
    now = 1000
    expect(generations.next()).toBe(2_000_002)
  })

  it('are above the one in the token, and stay there', () => {
    const generations = new Generations(() => 1000)
    expect(generations.next(5_000_000)).toBe(5_000_001)
    expect(generations.next()).toBe(5_000_002)
    expect(generations.next(3)).toBe(5_000_003)
  })
})
