import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../test/fake-pipe.js'
import { FrameQueue } from './frame-queue.js'

function bytesOf(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 0xff)
}

function lengths(queue: FrameQueue): number[] {
  const found: number[] = []
  queue.forEach((_, start, end) => found.push(end - start))
  return found
}

function takeAll(queue: FrameQueue): Uint8Array[] {
  const parts: Uint8Array[] = []
  queue.take(parts, Number.POSITIVE_INFINITY)
  return parts
}

describe('FrameQueue', () => {
  it('hands a chunk whose frames all go the same way on as the chunk itself', () => {
    const queue = new FrameQueue()
    const chunk = bytesOf(300)
    queue.push(chunk, 0, 100)
    queue.push(chunk, 100, 200)
    queue.push(chunk, 200, 300)
    expect(queue.bytes).toBe(300)
    expect(takeAll(queue)).toEqual([chunk])
    expect(queue.bytes).toBe(0)
  })

  it('merges neighbours only: a gap, another chunk or the wrong order begins a new run', () => {
    const queue = new FrameQueue()
    const chunk = bytesOf(100)
    const other = bytesOf(100)
    queue.push(chunk, 0, 20)
    queue.push(chunk, 40, 60)
    queue.push(other, 60, 80)
    queue.push(chunk, 20, 40)
    queue.push(chunk, 40, 60)
    expect(lengths(queue)).toEqual([20, 20, 20, 40])
    expect(concat(takeAll(queue))).toEqual(concat([chunk.subarray(0, 20), chunk.subarray(40, 60), other.subarray(60, 80), chunk.subarray(20, 60)]))
  })

  it('copies small runs together, in one buffer, and passes large ones by reference', () => {
    const queue = new FrameQueue()
    const large = bytesOf(5000)
    queue.push(bytesOf(10), 0, 10)
    queue.push(bytesOf(20), 0, 20)
    queue.push(large, 0, 5000)
    const alone = bytesOf(30)
    queue.push(alone, 0, 30)
    const parts = takeAll(queue)
    expect(parts.map((part) => part.length)).toEqual([30, 5000, 30])
    expect(parts[1]).toBe(large)
    expect(parts[2]).toBe(alone)
  })

  it('takes no more than it is asked for, but always one run', () => {
    const queue = new FrameQueue()
    for (let i = 0; i < 10; i++) queue.push(bytesOf(30_000), 0, 30_000)
    const parts: Uint8Array[] = []
    expect(queue.take(parts, 65_536)).toBe(60_000)
    expect(queue.take(parts, 1)).toBe(30_000)
    expect(queue.bytes).toBe(210_000)
    expect(queue.take(parts, 0)).toBe(30_000)
    expect(queue.take(parts, 60_000)).toBe(60_000)
    expect(lengths(queue)).toEqual([30_000, 30_000, 30_000, 30_000])
  })

  it('keeps within the limit when a chunk holds more than that', () => {
    const queue = new FrameQueue()
    const chunk = bytesOf(262_144)
    for (let at = 0; at < chunk.length; at += 16_384) queue.push(chunk, at, at + 16_384)
    const parts: Uint8Array[] = []
    expect(queue.take(parts, 65_536)).toBe(65_536)
    expect(concat(parts)).toEqual(chunk.subarray(0, 65_536))
  })

  it('never takes the two parts of a frame apart', () => {
    const queue = new FrameQueue()
    const [head, tail] = [bytesOf(20_000), bytesOf(30_000, 7)]
    queue.push(head, 0, 8000)
    queue.pushSplit({ head, start: 8000, tail, end: 20_000 })
    queue.push(tail, 20_000, 30_000)
    queue.pushSplit({ head: bytesOf(10), start: 5, tail: bytesOf(10), end: 5 })
    const parts: Uint8Array[] = []
    // Neighbours of the parts are one with them.
    expect(queue.take(parts, 1)).toBe(50_000)
    expect(parts).toEqual([head, tail])
    expect(queue.take(parts, 1)).toBe(10)
    expect(queue.bytes).toBe(0)
  })

  it('keeps units of neighbours within 64 KiB, as frames in the chunks of a socket make them', () => {
    const queue = new FrameQueue()
    const chunks = Array.from({ length: 5 }, (_, i) => bytesOf(65_536, i))
    for (const [i, chunk] of chunks.entries()) {
      // Each chunk: the rest of a frame, a whole one, the begin of the next.
      if (i > 0) queue.pushSplit({ head: chunks[i - 1]!, start: 42_768, tail: chunk, end: 10_000 })
      queue.push(chunk, 10_000, 42_768)
    }
    const sizes: number[] = []
    for (let taken = queue.take([], 65_536); taken > 0; taken = queue.take([], 65_536)) sizes.push(taken)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(32_768 * 9)
    expect(sizes.length).toBeLessThanOrEqual(6)
  })

  it('lets go of what was handed on: a long queue never pins the chunks at its head', async () => {
    const queue = new FrameQueue()
    const refs: WeakRef<Uint8Array>[] = []
    const pushChunk = (i: number): void => {
      const chunk = bytesOf(5000)
      if (i < 500) refs.push(new WeakRef(chunk))
      queue.push(chunk, 0, 5000)
    }
    for (let i = 0; i < 2000; i++) pushChunk(i)
    for (let i = 0; i < 500; i++) queue.take([], 5000)
    await collected(refs)
    expect(queue.bytes).toBe(1500 * 5000)
  })

  it('settled, holds its small frames without the chunks they came in', async () => {
    const queue = new FrameQueue()
    const refs: WeakRef<Uint8Array>[] = []
    const expected: Uint8Array[] = []
    const pushChunk = (i: number): void => {
      const chunk = bytesOf(65_536, i)
      refs.push(new WeakRef(chunk))
      queue.push(chunk, 100, 150)
      expected.push(Uint8Array.from(chunk.subarray(100, 150)))
    }
    for (let i = 0; i < 100; i++) {
      pushChunk(i)
      if (i % 7 === 0) queue.settle()
    }
    queue.settle()
    await collected(refs)
    expect(concat(takeAll(queue))).toEqual(concat(expected))
  })

  it('settled, still parts frames whose small ends lie side by side', () => {
    const queue = new FrameQueue()
    const chunks = Array.from({ length: 4 }, (_, first) => bytesOf(60_000, first))
    queue.pushSplit({ head: chunks[0]!, start: 60_000 - 28_587, tail: chunks[1]!, end: 3_873 })
    queue.pushSplit({ head: chunks[0]!, start: 60_000 - 103, tail: chunks[1]!, end: 32_974 })
    queue.settle()
    const taken = [0, 0, 0].map(() => queue.take([], 1))
    expect(taken).toEqual([32_460, 33_077, 0])
  })

  it('settled, does not make one of a frame and what small frames stand beside it', () => {
    const queue = new FrameQueue()
    const [head, tail] = [bytesOf(60_000), bytesOf(60_000, 1)]
    for (let count = 0; count < 15; count++) queue.push(bytesOf(4_000), 0, 4_000)
    queue.pushSplit({ head, start: 59_990, tail, end: 60_000 })
    for (let count = 0; count < 15; count++) queue.push(bytesOf(4_000), 0, 4_000)
    queue.settle()
    const taken = [0, 0, 0, 0].map(() => queue.take([], 1))
    expect(taken).toEqual([60_000, 60_010, 60_000, 0])
  })

  it('forgets everything when cleared', () => {
    const queue = new FrameQueue()
    queue.push(bytesOf(10), 0, 10)
    queue.push(bytesOf(10), 0, 10)
    queue.clear()
    expect(queue.bytes).toBe(0)
    expect(takeAll(queue)).toEqual([])
    expect(lengths(queue)).toEqual([])
  })

  it('does not slow down over a long queue', () => {
    const queue = new FrameQueue()
    const chunk = bytesOf(64)
    const other = bytesOf(64)
    for (let i = 0; i < 400_000; i++) queue.push(i % 2 === 0 ? chunk : other, 0, 32)
    const began = performance.now()
    for (let left = queue.bytes; left > 0; left = queue.bytes) queue.take([], 4096)
    expect(performance.now() - began).toBeLessThan(1500)
  })

  it('gives back what was pushed, in order, whatever is taken and settled between', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), chunk: fc.nat(3), frames: fc.array(fc.integer({ min: 12, max: 9000 }), { minLength: 1, maxLength: 6 }) }),
      fc.record({ kind: fc.constant('split' as const), chunk: fc.nat(3), head: fc.integer({ min: 1, max: 40_000 }), tail: fc.integer({ min: 1, max: 40_000 }) }),
      fc.record({ kind: fc.constant('take' as const), limit: fc.nat(20_000) }),
      fc.record({ kind: fc.constant('settle' as const) }),
    )
    const chunks = Array.from({ length: 5 }, (_, first) => bytesOf(60_000, first))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new FrameQueue()
        const parts: Uint8Array[] = []
        const expected: Uint8Array[] = []
        let moved = 0
        for (const next of steps) {
          if (next.kind === 'push') {
            const chunk = chunks[next.chunk]!
            let at = next.chunk * 100
            for (const length of next.frames) {
              queue.push(chunk, at, at + length)
              expected.push(chunk.subarray(at, at + length))
              at += length
            }
          } else if (next.kind === 'split') {
            const [head, tail] = [chunks[next.chunk]!, chunks[next.chunk + 1]!]
            queue.pushSplit({ head, start: head.length - next.head, tail, end: next.tail })
            expected.push(concat([head.subarray(-next.head), tail.subarray(0, next.tail)]))
          } else if (next.kind === 'take') {
            const taken = queue.take(parts, next.limit)
            moved += taken
            // What cannot be parted may be larger than what was asked for; it is no longer than 64 KiB, or one frame.
            expect(taken).toBeLessThanOrEqual(Math.max(next.limit, 65_536, ...expected.map((frame) => frame.length)))
            let boundary = 0
            for (const frame of expected) {
              if (boundary < moved) boundary += frame.length
            }
            expect(moved).toBe(boundary)
          } else queue.settle()
          expect(queue.bytes + moved).toBe(expected.reduce((sum, frame) => sum + frame.length, 0))
        }
        queue.forEach((bytes, start, end) => parts.push(bytes.subarray(start, end)))
        expect(Buffer.compare(concat(parts), concat(expected))).toBe(0)
      }),
      { numRuns: 200 },
    )
  })
})

async function collected(refs: WeakRef<Uint8Array>[]): Promise<void> {
  await expect
    .poll(async () => {
      await new Promise((resolve) => setImmediate(resolve))
      globalThis.gc?.()
      return refs.filter((ref) => ref.deref() !== undefined).length
    })
    .toBe(0)
}
