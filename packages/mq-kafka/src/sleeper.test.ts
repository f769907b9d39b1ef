import { describe, expect, it } from 'vitest'

import { backoffMs, Sleeper } from './sleeper.js'

describe('Sleeper', () => {
  it('wakes after its time, and when it is woken, for good', async () => {
    const sleeper = new Sleeper()
    await sleeper.sleep(1)
    const long = [sleeper.sleep(1e8), sleeper.sleep(1e8)]
    sleeper.wakeAll()
    await Promise.all(long)
    await sleeper.sleep(1e8)
  })
})

describe('backoffMs', () => {
  it('doubles up to its bound, with a random share', () => {
    for (const [attempt, ceiling] of [
      [1, 100],
      [2, 200],
      [5, 1_000],
      [500, 1_000],
    ] as const) {
      for (let i = 0; i < 20; i++) {
        const ms = backoffMs(attempt, 100, 1_000)
        expect(ms).toBeGreaterThanOrEqual(ceiling / 2)
        expect(ms).toBeLessThanOrEqual(ceiling)
      }
    }
  })
})
