import { describe, expect, it } from 'vitest'
import { StreamPace } from './stream-pace.js'

const KIB = 1024
const FRAME = 32_708

/** A way that carries `bytesPerMs` and is `rttMs` long, with a stream on it that always has more to send than it may. */
class Way {
  now = 0
  isShared = false
  sent = 0
  readonly pace = new StreamPace(
    () => this.isShared,
    () => this.now,
  )
  readonly #way: { bytesPerMs: number; rttMs: number; windowBytes: number }
  readonly #takenAt: { at: number; total: number }[] = []
  #freeAt = 0
  #taken = 0

  constructor(way: { bytesPerMs: number; rttMs: number; windowBytes: number }) {
    this.#way = way
  }

  /** Lets the stream run until `until`; the longest that something sent beside it had to wait in the second half of that time. */
  run(until: number): number {
    const settledAt = (this.now + until) / 2
    let longestMs = 0
    while (this.now < until) {
      const room = (): number => Math.min(this.pace.room, this.#way.windowBytes - (this.sent - this.#taken), FRAME)
      for (let length = room(); length > 0; length = room()) {
        this.sent += length
        this.pace.onSent(this.sent)
        this.#freeAt = Math.max(this.#freeAt, this.now) + length / this.#way.bytesPerMs
        this.#takenAt.push({ at: this.#freeAt + this.#way.rttMs, total: this.sent })
      }
      if (this.now >= settledAt) longestMs = Math.max(longestMs, this.#freeAt - this.now)
      const next = this.#takenAt.shift()!
      this.now = next.at
      this.#taken = next.total
      this.pace.onTaken(next.total)
    }
    return longestMs
  }
}

describe('the pace of a stream', () => {
  it('is bounded by nothing while the stream is alone on its link', () => {
    const way = new Way({ bytesPerMs: 400_000, rttMs: 0.2, windowBytes: 8192 * KIB })
    way.run(100)
    expect(way.pace.room).toBe(Infinity)
  })

  it('leaves a short way to those who share it, and takes it back when they are gone', () => {
    const way = new Way({ bytesPerMs: 400_000, rttMs: 0.2, windowBytes: 8192 * KIB })
    expect(way.run(100)).toBeGreaterThan(10)
    way.isShared = true
    expect(way.run(300)).toBeLessThan(0.7)
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
    way.isShared = true
    way.run(2000)
    const before = way.sent
    way.run(4000)
    expect(way.sent - before).toBeGreaterThan(2000 * 50_000 * 0.9)
  })

  it('counts in whole bytes', () => {
    const way = new Way({ bytesPerMs: 77_777, rttMs: 0.3, windowBytes: 1024 * KIB })
    way.isShared = true
    for (let until = 1; until < 200; until++) {
      way.run(until)
      expect(Number.isInteger(way.sent)).toBe(true)
    }
  })
})
