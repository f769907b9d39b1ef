import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Sweep, type Sweepable } from './sweep.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function counter(): Sweepable & { ticks: number[] } {
  const ticks: number[] = []
  return { ticks, onTick: (tick) => ticks.push(tick) }
}

describe('Sweep', () => {
  it('has one timer for all its members, and none without', () => {
    const sweep = new Sweep(100)
    expect(vi.getTimerCount()).toBe(0)
    const members = Array.from({ length: 50 }, counter)
    for (const member of members) sweep.add(member)
    expect(vi.getTimerCount()).toBe(1)
    expect(sweep.size).toBe(50)
    vi.advanceTimersByTime(300)
    for (const member of members) expect(member.ticks).toEqual([1, 2, 3])
    for (const member of members) sweep.remove(member)
    expect(vi.getTimerCount()).toBe(0)
    expect(sweep.size).toBe(0)
  })

  it('starts again with the next member, and the count goes on', () => {
    const sweep = new Sweep(100)
    const first = counter()
    sweep.add(first)
    vi.advanceTimersByTime(200)
    sweep.remove(first)
    vi.advanceTimersByTime(1000)
    const second = counter()
    sweep.add(second)
    vi.advanceTimersByTime(100)
    expect([first.ticks, second.ticks]).toEqual([[1, 2], [3]])
    expect(sweep.tick).toBe(3)
    sweep.remove(second)
  })

  it('takes a member once, however often it is added, and a stranger away without harm', () => {
    const sweep = new Sweep(100)
    const member = counter()
    sweep.add(member)
    sweep.add(member)
    sweep.remove(counter())
    vi.advanceTimersByTime(100)
    expect(member.ticks).toEqual([1])
    sweep.remove(member)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets members come and go while it calls them', () => {
    const sweep = new Sweep(100)
    const last = counter()
    const late = counter()
    const first: Sweepable = {
      onTick: () => {
        sweep.remove(first)
        sweep.remove(last)
        sweep.add(late)
      },
    }
    sweep.add(first)
    sweep.add(last)
    vi.advanceTimersByTime(200)
    expect(last.ticks).toEqual([])
    expect(late.ticks).toContain(2)
    sweep.remove(late)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends a tick although a member leaves and comes back in it', () => {
    const sweep = new Sweep(100)
    let calls = 0
    const member: Sweepable = {
      onTick: () => {
        calls++
        sweep.remove(member)
        sweep.add(member)
      },
    }
    sweep.add(member)
    vi.advanceTimersByTime(100)
    expect(calls).toBe(1)
    sweep.remove(member)
  })

  it('calls everybody although one throws', () => {
    const sweep = new Sweep(100)
    const other = counter()
    const faulty: Sweepable = {
      onTick: () => {
        throw new Error('a fault')
      },
    }
    sweep.add(faulty)
    sweep.add(other)
    expect(() => vi.advanceTimersByTime(100)).toThrow('a fault')
    expect(other.ticks).toEqual([1])
    sweep.remove(faulty)
    sweep.remove(other)
  })

  it('makes up for late ticks, but not for a pause of many', () => {
    vi.useRealTimers()
    const timers: { run: () => void; ms: number }[] = []
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms: number) => timers.push({ run, ms })) as never)
    const sweep = new Sweep(100)
    sweep.add(counter())
    const runAt = (at: number): number => {
      now = at
      timers.at(-1)!.run()
      return timers.at(-1)!.ms
    }
    // On time, 30 ms late, 180 ms late, and what makes up for that.
    expect([100, 230, 480, 480, 500].map(runAt)).toEqual([100, 70, 0, 20, 100])
    // A pause of 5 s: 250 ms of it are made up for.
    expect([5600, 5600, 5600, 5600].map(runAt)).toEqual([0, 0, 0, 50])
    vi.restoreAllMocks()
  })

  it('rounds durations up to whole ticks, 250 ms unless told otherwise', () => {
    const sweep = new Sweep()
    expect(sweep.tickMs).toBe(250)
    expect([0, 1, 250, 251, 1000].map((ms) => sweep.ticksFor(ms))).toEqual([0, 1, 1, 2, 4])
  })
})
