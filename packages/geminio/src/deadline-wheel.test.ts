import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DeadlineEntry, DeadlineWheel } from './deadline-wheel.js'

/** A clock that moves when told. */
class ManualClock {
  time = 1000
  timers = 0
  #run: (() => void) | undefined = undefined

  now(): number {
    return this.time
  }

  every(_intervalMs: number, run: () => void): () => void {
    this.timers++
    this.#run = run
    return () => {
      this.timers--
      this.#run = undefined
    }
  }

  advance(ms: number, stepMs = 25): void {
    const end = this.time + ms
    while (this.time < end) {
      this.time = Math.min(end, this.time + stepMs)
      this.#run?.()
    }
  }
}

class Entry extends DeadlineEntry {
  firedAt: number[] = []
  readonly #clock: ManualClock
  readonly #then: (() => void) | undefined

  constructor(clock: ManualClock, inMs: number, then?: () => void) {
    super()
    this.#clock = clock
    this.deadline = clock.time + inMs
    this.#then = then
  }

  override onDeadline(): void {
    this.firedAt.push(this.#clock.time)
    this.#then?.()
  }
}

describe('the deadline wheel', () => {
  it('is never early, and at most a tick late', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 50 }), fc.integer({ min: 1, max: 400 }), (delays, stepMs) => {
        const clock = new ManualClock()
        clock.time += stepMs / 3
        const wheel = new DeadlineWheel(clock)
        const entries = delays.map((delay) => new Entry(clock, delay))
        for (const entry of entries) wheel.add(entry)
        clock.advance(201_000, stepMs)
        for (const entry of entries) {
          expect(entry.firedAt).toHaveLength(1)
          expect(entry.firedAt[0]).toBeGreaterThanOrEqual(entry.deadline)
          expect(entry.firedAt[0]! - entry.deadline).toBeLessThanOrEqual(50 + stepMs)
        }
        expect([wheel.size, clock.timers]).toEqual([0, 0])
      }),
      { numRuns: 30 },
    )
  })

  it('has a timer only while something waits', () => {
    const clock = new ManualClock()
    const wheel = new DeadlineWheel(clock)
    const [one, two] = [new Entry(clock, 100), new Entry(clock, 200)]
    wheel.add(one)
    wheel.add(two)
    expect(clock.timers).toBe(1)
    wheel.remove(one)
    wheel.remove(one)
    wheel.remove(two)
    clock.advance(25)
    expect(clock.timers).toBe(0)
    wheel.add(one)
    clock.advance(200)
    expect(one.firedAt).toHaveLength(1)
    expect(two.firedAt).toHaveLength(0)
  })

  it('takes no entry without a deadline', () => {
    const clock = new ManualClock()
    const wheel = new DeadlineWheel(clock)
    wheel.add(new Entry(clock, Infinity))
    expect([wheel.size, clock.timers]).toEqual([0, 0])
  })

  it('lets an entry that is told take out and put in others', () => {
    const clock = new ManualClock()
    const wheel = new DeadlineWheel(clock)
    const others = [1, 2, 3].map(() => new Entry(clock, 100))
    const later = new Entry(clock, 500)
    const first = new Entry(clock, 100, () => {
      for (const other of others) wheel.remove(other)
      wheel.add(later)
    })
    for (const entry of [others[0]!, others[1]!, others[2]!, first]) wheel.add(entry)
    clock.advance(1000)
    expect(first.firedAt).toHaveLength(1)
    expect(others.flatMap((other) => other.firedAt)).toEqual([])
    expect(later.firedAt).toHaveLength(1)
  })

  it('tells everything after the machine slept for hours', () => {
    const clock = new ManualClock()
    const wheel = new DeadlineWheel(clock)
    const entries = [10, 20_000, 40_000, 3_000_000].map((ms) => new Entry(clock, ms))
    for (const entry of entries) wheel.add(entry)
    clock.advance(36_000_000, 36_000_000)
    expect(entries.map((entry) => entry.firedAt.length)).toEqual([1, 1, 1, 1])
  })
})
