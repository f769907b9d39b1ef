import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { INITIAL_WINDOW_BYTES } from './yamux-frame.js'
import { ReceiveWindow, WindowGrowth } from './yamux-receive-window.js'

const MiB = 1_048_576

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Consumes `total` bytes at `bytesPerMs`; the window in the end. */
function consume(window: ReceiveWindow, total: number, bytesPerMs: number): number {
  for (let i = 0; i < total; i += 16_384) {
    expect(window.arrive(16_384)).toBe(true)
    window.consume(16_384)
    vi.advanceTimersByTime(16_384 / bytesPerMs)
  }
  return window.windowBytes
}

describe('ReceiveWindow', () => {
  it('gives back just what was consumed, in quarters of the window', () => {
    const window = new ReceiveWindow(new WindowGrowth(8 * MiB, 64 * MiB))
    const grants: number[] = []
    for (let i = 0; i < 16; i++) {
      expect(window.arrive(32_768)).toBe(true)
      grants.push(window.consume(32_768))
    }
    expect(grants.filter((grant) => grant > 0)).toEqual(new Array(8).fill(65_536))
  })

  it('tells when the peer had no credit for what it sent', () => {
    const window = new ReceiveWindow(new WindowGrowth(8 * MiB, 64 * MiB))
    expect(window.arrive(INITIAL_WINDOW_BYTES)).toBe(true)
    expect(window.arrive(1)).toBe(false)
  })

  it('doubles up to the limit while it is used up within two round trips a quarter', () => {
    const growth = new WindowGrowth(8 * MiB, 64 * MiB)
    growth.rttMs = 100
    expect(consume(new ReceiveWindow(growth), 60 * MiB, 50_000)).toBe(8 * MiB)
  })

  it('stays as it is for a slow reader, and while no round-trip time is known', () => {
    const growth = new WindowGrowth(8 * MiB, 64 * MiB)
    expect(consume(new ReceiveWindow(growth), 10 * MiB, 50_000)).toBe(INITIAL_WINDOW_BYTES)
    growth.rttMs = 100
    expect(consume(new ReceiveWindow(growth), 4 * MiB, 100)).toBe(INITIAL_WINDOW_BYTES)
  })

  it('shares a common budget, which a stream that is over gives back', () => {
    const growth = new WindowGrowth(8 * MiB, MiB)
    growth.rttMs = 100
    const first = new ReceiveWindow(growth)
    expect(consume(first, 40 * MiB, 50_000)).toBe(INITIAL_WINDOW_BYTES + MiB)
    expect(consume(new ReceiveWindow(growth), 10 * MiB, 50_000)).toBe(INITIAL_WINDOW_BYTES)
    first.release()
    expect(consume(new ReceiveWindow(growth), 40 * MiB, 50_000)).toBe(INITIAL_WINDOW_BYTES + MiB)
  })
})
