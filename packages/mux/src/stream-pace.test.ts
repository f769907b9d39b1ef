import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StreamPace } from './stream-pace.js'

const KIB = 1024
const FRAME = 32_756

/** A way that carries `bytesPerMs` and is `rttMs` long, with a stream on it that always has more to send than it may. */
class Way {
  now = 0
  isShared = false
  sent = 0
  answers = 0
  readonly pace: StreamPace = new StreamPace(
    () => undefined,
    () => this.now,
  )
  readonly #way: { bytesPerMs: number; rttMs: number; windowBytes: number }
  readonly #underWay: { at: number; total: number; isMarked: boolean }[] = []
  #freeAt = 0
  #credited = 0

  constructor(way: { bytesPerMs: number; rttMs: number; windowBytes: number }) {
    this.#way = way
  }

  /** Lets the stream run until `until`; the longest that something sent beside it had to wait in the second half of that time. */
  run(until: number): number {
    const settledAt = (this.now + until) / 2
    let longestMs = 0
    while (this.now < until) {
      const room = (): number => Math.min(this.pace.room, this.#way.windowBytes - (this.sent - this.#credited), FRAME)
      for (let length = room(); length > 0; length = room()) {
        this.sent += length
        this.#freeAt = Math.max(this.#freeAt, this.now) + length / this.#way.bytesPerMs
        const isMarked = this.pace.onSend(length, this.isShared)
        this.#underWay.push({ at: this.#freeAt + this.#way.rttMs, total: this.sent, isMarked })
      }
      if (this.now >= settledAt) longestMs = Math.max(longestMs, this.#freeAt - this.now)
      const next = this.#underWay.shift()
      if (next === undefined) {
        // Nothing is on its way, and it may not send: it rests.
        this.now++
        vi.advanceTimersByTime(1)
        continue
      }
      vi.advanceTimersByTime(next.at - this.now)
      this.now = next.at
      this.#credited = next.total
      if (!next.isMarked) continue
      this.answers++
      this.pace.onArrived()
    }
    return longestMs
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('the pace of a stream', () => {
  it('is bounded by nothing while the stream is alone on its link, and hardly ever asks', () => {
    const way = new Way({ bytesPerMs: 400_000, rttMs: 0.2, windowBytes: 8192 * KIB })
    way.run(100)
    expect(way.sent - 8192 * KIB).toBeGreaterThan(90 * 400_000)
    expect(way.answers).toBeLessThan(way.sent / (4096 * KIB) + 2)
  })

  it('leaves a short way to those who share it, and takes it back when they are gone', () => {
    const way = new Way({ bytesPerMs: 400_000, rttMs: 0.2, windowBytes: 8192 * KIB })
    expect(way.run(100)).toBeGreaterThan(10)
    way.isShared = true
    expect(way.run(300)).toBeLessThan(0.4)
    way.isShared = false
    expect(way.run(400)).toBeGreaterThan(10)
  })

  it('never stops, whatever the way is like', () => {
    const way = new Way({ bytesPerMs: 10, rttMs: 0.2, windowBytes: 8192 * KIB })
    way.isShared = true
    way.run(60_000)
    const before = way.sent
    way.run(120_000)
    expect(way.sent - before).toBeGreaterThan(60_000 * 10 * 0.9)
  })

  it('keeps a long way full while it is shared', () => {
    const way = new Way({ bytesPerMs: 50_000, rttMs: 100, windowBytes: 8192 * KIB })
    way.run(1000)
    way.isShared = true
    way.run(3000)
    const before = way.sent
    way.run(5000)
    expect(way.sent - before).toBeGreaterThan(2000 * 50_000 * 0.9)
  })

  it('rests after each burst on a short way, until it has arrived and a millisecond is over', () => {
    let now = 0
    const onRested = vi.fn()
    const pace = new StreamPace(onRested, () => now)
    const arrive = (): void => {
      now += 0.2
      pace.onArrived()
    }
    expect(pace.onSend(FRAME, true)).toBe(true)
    arrive()
    for (let i = 0; i < 5; i++) {
      expect(pace.room).toBe(2 * 32 * KIB)
      expect(pace.onSend(32 * KIB, true)).toBe(true)
      expect(pace.onSend(32 * KIB, true)).toBe(true)
      expect(pace.room).toBe(0)
      arrive()
      expect(pace.room).toBe(0)
      if (i % 2 === 0) {
        arrive()
        expect(pace.room).toBe(0)
        vi.advanceTimersByTime(1)
        expect(onRested).toHaveBeenCalledTimes(1 + i / 2)
      } else {
        vi.advanceTimersByTime(1)
        expect(pace.room).toBe(0)
        arrive()
      }
    }
    pace.onSend(64 * KIB, true)
    expect(vi.getTimerCount()).toBe(1)
    pace.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('counts in whole bytes', () => {
    const way = new Way({ bytesPerMs: 77_777, rttMs: 0.3, windowBytes: 1024 * KIB })
    way.isShared = true
    for (let until = 1; until < 200; until++) {
      way.run(until)
      expect(Number.isInteger(way.sent)).toBe(true)
    }
  })

  it('goes on however often the others come and go', () => {
    const way = new Way({ bytesPerMs: 10_000, rttMs: 1, windowBytes: 256 * KIB })
    for (let until = 1; until < 1000; until += 3) {
      way.isShared = !way.isShared
      way.run(until)
    }
    expect(way.sent).toBeGreaterThan(1000 * 10_000 * 0.9)
  })

  it('bounds nothing while no answer is on its way, or when none ever came', () => {
    let now = 0
    const pace = new StreamPace(
      () => undefined,
      () => now,
    )
    for (let i = 0; i < 1000; i++) {
      now += 0.1
      pace.onSend(FRAME, true)
      expect(pace.room).toBe(Infinity)
    }
    now += 100
    pace.onArrived()
    expect(pace.room).toBe(Infinity)
    pace.onArrived()
    expect(pace.room).toBe(Infinity)
  })
})
