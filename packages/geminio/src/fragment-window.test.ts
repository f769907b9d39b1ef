import { describe, expect, it } from 'vitest'
import { BaseDelay } from '@frontier/mux'
import { FragmentWindow } from './fragment-window.js'

const KIB = 1024

/** Sends what the window lets go over a way of `bytesPerMs` and `delayMs` each way until `bytes` are through; the largest queue it made on the way. */
function transfer(window: FragmentWindow, way: { bytesPerMs: number; delayMs: number }, bytes: number): { queueMs: number; tookMs: number } {
  const piece = 32_744
  let [now, sent, freeAt, settledQueueMs] = [0, 0, 0, 0]
  const arrivals: { at: number; total: number }[] = []
  while (true) {
    while (sent < bytes && window.hasRoom(piece)) {
      sent += piece
      window.onSent(sent, now)
      freeAt = Math.max(freeAt, now) + piece / way.bytesPerMs
      if (sent > bytes / 2) settledQueueMs = Math.max(settledQueueMs, freeAt - now)
      arrivals.push({ at: freeAt + 2 * way.delayMs, total: sent })
    }
    const arrival = arrivals.shift()
    if (arrival === undefined) return { queueMs: settledQueueMs, tookMs: now }
    now = arrival.at
    window.onConfirmed(arrival.total, now)
  }
}

describe('the fragment window', () => {
  it('starts at 64 KiB', () => {
    const window = new FragmentWindow(new BaseDelay())
    expect(window.bytes).toBe(64 * KIB)
    window.onSent(32_744, 0)
    expect(window.hasRoom(32_744)).toBe(true)
    window.onSent(65_488, 0)
    expect(window.hasRoom(32_744)).toBe(false)
  })

  it('lets one fragment go when nothing is on the way, however large', () => {
    expect(new FragmentWindow(new BaseDelay()).hasRoom(1_000_000)).toBe(true)
  })

  it('fills a long fast way', () => {
    const window = new FragmentWindow(new BaseDelay())
    const bytesPerMs = 50_000 // 400 Mbit/s
    const { tookMs } = transfer(window, { bytesPerMs, delayMs: 20 }, 64 * KIB * KIB)
    expect(window.bytes).toBeGreaterThan(1024 * KIB)
    expect(tookMs).toBeLessThan(2 * ((64 * KIB * KIB) / bytesPerMs))
  })

  it('keeps the queue it makes on a slow way near 25 ms', () => {
    const { queueMs } = transfer(new FragmentWindow(new BaseDelay()), { bytesPerMs: 5000, delayMs: 5 }, 16 * KIB * KIB)
    expect(queueMs).toBeGreaterThan(8)
    expect(queueMs).toBeLessThan(50)
  })

  it('stays within 32 KiB and 4 MiB', () => {
    const slow = new FragmentWindow(new BaseDelay())
    transfer(slow, { bytesPerMs: 10, delayMs: 5 }, 4 * KIB * KIB)
    expect(slow.bytes).toBeGreaterThanOrEqual(32 * KIB)
    expect(slow.bytes).toBeLessThan(2 * 32_744) // one fragment at a time
    const fast = new FragmentWindow(new BaseDelay())
    transfer(fast, { bytesPerMs: 1_000_000, delayMs: 100 }, 256 * KIB * KIB)
    expect(fast.bytes).toBe(4096 * KIB)
  })

  it('does not grow when it is not used', () => {
    const window = new FragmentWindow(new BaseDelay())
    for (let i = 1; i <= 100; i++) {
      window.onSent(i * 1000, i)
      window.onConfirmed(i * 1000, i + 1)
    }
    expect(window.bytes).toBe(64 * KIB)
  })

  it('ignores what was not sent, what is known, and what is no fragment', () => {
    const window = new FragmentWindow(new BaseDelay())
    window.onSent(30_000, 0)
    window.onSent(60_000, 0)
    for (const total of [60_001, 0xffff_ffff, 0]) window.onConfirmed(total, 1)
    expect(window.hasRoom(30_000)).toBe(false)
    window.onConfirmed(10_000, 1)
    window.onConfirmed(5000, 1)
    expect(window.hasRoom(15_000)).toBe(true)
    expect(window.hasRoom(16_000)).toBe(false)
  })
})

describe('the base delay', () => {
  it('is the smallest of the last one to two minutes', () => {
    const base = new BaseDelay()
    expect(base.queueingDelay(30, 0)).toBe(0)
    expect(base.queueingDelay(10, 1000)).toBe(0)
    expect(base.queueingDelay(50, 2000)).toBe(40)
    expect(base.queueingDelay(50, 61_000)).toBe(40)
    expect(base.queueingDelay(50, 122_000)).toBe(0)
  })

  it('forgets all after a long silence', () => {
    const base = new BaseDelay()
    base.queueingDelay(1, 0)
    expect(base.queueingDelay(90, 500_000)).toBe(0)
  })
})
