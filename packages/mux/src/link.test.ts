import { encodeFrame, FrameType, FrontierError, decodeError, readId, readType } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { concat, FakePipe, framesOf } from '../test/fake-pipe.js'
import { FlushQueue, type Flushable } from './flush-queue.js'
import { Link, type LinkHandler } from './link.js'
import { encodeYamux, YamuxType } from './yamux-frame.js'

/** A flush queue whose turns end when the test says so. */
class ManualFlushQueue extends FlushQueue {
  #waiting: Flushable[] = []

  override add(link: Flushable): void {
    this.#waiting.push(link)
  }

  get size(): number {
    return this.#waiting.length
  }

  endTurn(): void {
    const links = this.#waiting
    this.#waiting = []
    for (const link of links) link.flush()
  }
}

class Recorder implements LinkHandler {
  readonly control: number[] = []
  readonly stream: number[] = []
  writable = 0
  readonly closed: FrontierError[] = []
  onEachControlFrame: ((id: number) => void) | undefined
  onWritableAgain: (() => void) | undefined
  onOver: (() => void) | undefined

  onControlFrame(bytes: Uint8Array, start: number): void {
    this.control.push(readId(bytes, start))
    this.onEachControlFrame?.(readId(bytes, start))
  }

  onStreamFrame(_bytes: Uint8Array, start: number, end: number): void {
    this.stream.push(end - start)
  }

  onWritable(): void {
    this.writable++
    this.onWritableAgain?.()
  }

  onClosed(error: FrontierError): void {
    this.closed.push(error)
    this.onOver?.()
  }
}

function newLink(options: { maxFrameBytes?: number; isStuck?: boolean } = {}): {
  pipe: FakePipe
  queue: ManualFlushQueue
  clock: { tick: number }
  recorder: Recorder
  link: Link
} {
  const pipe = new FakePipe()
  pipe.isStuck = options.isStuck ?? false
  const queue = new ManualFlushQueue()
  const clock = { tick: 1 }
  const recorder = new Recorder()
  const link = new Link(pipe, recorder, {
    clock,
    flushQueue: queue,
    ...(options.maxFrameBytes !== undefined && { maxFrameBytes: options.maxFrameBytes }),
  })
  return { pipe, queue, clock, recorder, link }
}

function call(id: number, dataBytes = 0): Uint8Array {
  return encodeFrame({ type: FrameType.CALL, id, key: 'm', data: new Uint8Array(dataBytes) })
}

function streamFrame(bytes: number): Uint8Array {
  return encodeYamux(YamuxType.DATA, 0, 1, bytes - 12)
}

function isStream(frame: Uint8Array): boolean {
  return frame[0] === 0
}

describe('a link that sends', () => {
  it('puts all of one turn into one write', () => {
    const { link, pipe, queue } = newLink()
    link.sendControl(call(1))
    link.sendStream(streamFrame(100))
    link.sendControl(call(2))
    expect(pipe.writes).toEqual([])
    expect(queue.size).toBe(1)
    queue.endTurn()
    expect(pipe.writes).toHaveLength(1)
    expect(pipe.frames.map(isStream)).toEqual([false, false, true])
    queue.endTurn()
    expect(pipe.writes).toHaveLength(1)
  })

  it('lets control frames go in the middle of a turn when there are many, ahead of all stream frames', () => {
    const { link, pipe, queue } = newLink()
    link.sendStream(streamFrame(100))
    for (let id = 1; id <= 5; id++) link.sendControl(call(id, 8192))
    expect(pipe.writes).toHaveLength(2)
    expect(link.queuedBytes).toBe(call(5, 8192).length)
    queue.endTurn()
    expect(pipe.writes).toHaveLength(3)
    expect(pipe.frames.map((frame) => (isStream(frame) ? 's' : readId(frame, 0)))).toEqual([1, 2, 3, 4, 5, 's'])
  })

  it('does not wait for the end of the turn with a full write of stream data', () => {
    const { link, pipe, queue } = newLink()
    link.sendStream(streamFrame(32_768))
    expect(pipe.writes).toHaveLength(0)
    link.sendControl(call(1))
    link.sendStream(streamFrame(32_768))
    expect(pipe.frames.map(isStream)).toEqual([false, true])
    queue.endTurn()
    expect(pipe.frames.map(isStream)).toEqual([false, true, true])
  })

  it('never lets another frame come between the parts of one', () => {
    const { link, pipe, queue } = newLink({ isStuck: true })
    const frame = streamFrame(32_768)
    for (let i = 0; i < 6; i++) {
      link.sendStream(streamFrame(1000 * i))
      link.sendSplitStream({
        head: concat([new Uint8Array(7), frame.subarray(0, 20_000 + i)]),
        start: 7,
        tail: concat([frame.subarray(20_000 + i), new Uint8Array(5)]),
        end: 32_768 - 20_000 - i,
      })
      link.sendControl(call(i))
      queue.endTurn()
      pipe.drain()
    }
    while (link.queuedStreamBytes > 0) pipe.drain()
    expect(pipe.frames.filter((bytes) => !isStream(bytes))).toHaveLength(6)
    expect(pipe.frames.filter((bytes) => bytes.length === 32_768)).toHaveLength(6)
    for (const write of pipe.writes) expect(framesOf(concat(write)).length).toBeGreaterThan(0)
  })

  it('sends parts of a chunk as they lie there', () => {
    const { link, pipe, queue } = newLink()
    const chunk = concat([call(1), call(2), call(3)])
    link.sendControl(chunk, 27 + 4, 2 * (27 + 4))
    queue.endTurn()
    expect(pipe.frames.map((frame) => readId(frame, 0))).toEqual([2])
  })

  it('counts what was queued and what was handed over', () => {
    const { link, queue } = newLink()
    const frame = call(1)
    link.sendControl(frame)
    expect([link.sentBytes, link.handedBytes, link.queuedBytes]).toEqual([frame.length, 0, frame.length])
    queue.endTurn()
    expect([link.sentBytes, link.handedBytes, link.queuedBytes]).toEqual([frame.length, frame.length, 0])
  })

  it('lets a stuck pipe have one write, and keeps the rest', () => {
    const { link, pipe, queue } = newLink({ isStuck: true })
    link.sendControl(call(1))
    queue.endTurn()
    for (let id = 2; id < 5; id++) {
      link.sendControl(call(id))
      link.sendStream(streamFrame(1000))
      queue.endTurn()
    }
    expect(pipe.writes).toHaveLength(1)
    expect(link.queuedBytes).toBe(4 * call(1).length)
    expect(link.queuedStreamBytes).toBe(3000)
    pipe.drain()
    expect(pipe.writes).toHaveLength(2)
    expect(pipe.frames.map((frame) => (isStream(frame) ? 's' : readId(frame, 0)))).toEqual([1, 2, 3, 4, 's', 's', 's'])
  })

  it('puts control frames ahead of stream data that waited longer', () => {
    const { link, pipe, queue } = newLink({ isStuck: true })
    for (let i = 0; i < 10; i++) link.sendStream(streamFrame(32_768))
    queue.endTurn()
    expect(pipe.queuedBytes).toBe(65_536)
    link.sendControl(call(9))
    queue.endTurn()
    pipe.drain()
    expect(isStream(framesOf(concat(pipe.writes[1]!))[0]!)).toBe(false)
    // 64 KiB of stream data at the most, whatever waits.
    expect(pipe.queuedBytes).toBeLessThanOrEqual(65_536)
    while (link.queuedStreamBytes > 0) pipe.drain()
    expect(pipe.frames.filter(isStream)).toHaveLength(10)
  })

  it('never puts more than 64 KiB of stream data ahead, however large the chunk is that it came in', () => {
    const { link, pipe, queue } = newLink({ isStuck: true })
    const chunk = concat(Array.from({ length: 40 }, () => streamFrame(10_000)))
    for (let at = 0; at < chunk.length; at += 10_000) link.sendStream(chunk, at, at + 10_000)
    queue.endTurn()
    expect(pipe.queuedBytes).toBeLessThanOrEqual(65_536)
    expect(pipe.queuedBytes).toBeGreaterThan(30_000)
  })

  it('hands a stuck pipe 256 KiB of control frames, and keeps the rest where it can be routed anew', () => {
    const { link, pipe, queue } = newLink({ isStuck: true })
    for (let id = 1; id <= 100; id++) link.sendControl(call(id, 10_000))
    queue.endTurn()
    expect(pipe.queuedBytes).toBeLessThanOrEqual(262_144 + 10_100)
    let unsent = 0
    link.forEachUnsent((_, start, end) => (unsent += end - start))
    expect(unsent).toBe(link.sentBytes - link.handedBytes)
    expect(link.queuedBytes).toBe(link.sentBytes)
  })

  it('does not wait for the end of the turn with as much as one source may have waiting', () => {
    const { link, pipe } = newLink()
    for (let id = 1; id <= 30; id++) link.sendControl(call(id, 10_000))
    expect(pipe.writes.length).toBeGreaterThan(0)
    expect(link.queuedBytes).toBeLessThan(1_048_576 / 8 - 32_768)
  })

  it('gives other links their turn when a fast pipe takes everything', () => {
    const { link, pipe, queue } = newLink({ isStuck: true })
    for (let i = 0; i < 42; i++) link.sendStream(streamFrame(32_768))
    queue.endTurn()
    expect(pipe.writes.length).toBe(1)
    pipe.isStuck = false
    pipe.drain()
    expect(pipe.writes.length).toBe(1 + 8)
    expect(queue.size).toBe(1)
    for (let turns = 0; turns < 5; turns++) queue.endTurn()
    expect(link.queuedStreamBytes).toBe(0)
    expect(queue.size).toBe(0)
  })

  it('notes the ticks at which bytes came and went', () => {
    const { link, pipe, queue, clock } = newLink()
    expect([link.lastHeardTick, link.lastSentTick]).toEqual([1, 1])
    clock.tick = 5
    pipe.receive(call(1))
    clock.tick = 7
    link.sendControl(call(1))
    queue.endTurn()
    expect([link.lastHeardTick, link.lastSentTick]).toEqual([5, 7])
  })
})

describe('streamWritable', () => {
  it('is false from 64 KiB on, and onWritable follows', () => {
    const { link, pipe, queue, recorder } = newLink({ isStuck: true })
    expect(link.streamWritable).toBe(true)
    link.sendStream(streamFrame(32_768))
    expect(link.streamWritable).toBe(true)
    link.sendStream(streamFrame(32_768))
    expect(link.streamWritable).toBe(false)
    queue.endTurn()
    expect(recorder.writable).toBe(0)
    pipe.drain()
    expect(recorder.writable).toBe(1)
    expect(link.streamWritable).toBe(true)
    pipe.drain()
    expect(recorder.writable).toBe(1)
  })

  it('tells nobody who did not ask', () => {
    const { link, pipe, queue, recorder } = newLink({ isStuck: true })
    for (let i = 0; i < 4; i++) link.sendStream(streamFrame(32_768))
    queue.endTurn()
    pipe.drain()
    pipe.drain()
    expect(recorder.writable).toBe(0)
  })

  it('is told in the same turn when the pipe takes all', () => {
    const { link, queue, recorder } = newLink()
    while (link.streamWritable) link.sendStream(streamFrame(32_768))
    queue.endTurn()
    expect(recorder.writable).toBe(1)
  })

  it('is told although a write in the middle of the turn took everything', () => {
    const { link, queue, recorder } = newLink()
    const half = 65_536 - call(1).length
    link.sendControl(call(1, half))
    expect(link.streamWritable).toBe(false)
    link.sendControl(call(2, half))
    expect(link.queuedBytes).toBe(0)
    queue.endTurn()
    expect(recorder.writable).toBe(1)
  })

  it('lets a writer go on for as long as it likes, a few writes a turn', () => {
    const { link, pipe, queue, recorder } = newLink()
    let left = 100
    const more = (): void => {
      while (left > 0 && link.streamWritable) {
        link.sendStream(streamFrame(32_768))
        left--
      }
    }
    recorder.onWritableAgain = more
    more()
    expect(pipe.writes).toHaveLength(8)
    let turns = 0
    while (left > 0 || link.queuedStreamBytes > 0) {
      const written = pipe.writes.length
      queue.endTurn()
      expect(pipe.writes.length - written).toBeLessThanOrEqual(2 * 8)
      expect(++turns).toBeLessThan(50)
    }
    expect(pipe.frames).toHaveLength(100)
  })

  it('closes the link when the handler throws', () => {
    const { link, queue, recorder } = newLink()
    recorder.onWritableAgain = () => {
      throw new FrontierError('PROTOCOL_ERROR', 'no')
    }
    while (link.streamWritable) link.sendStream(streamFrame(32_768))
    queue.endTurn()
    expect(recorder.closed.map((error) => error.code)).toEqual(['PROTOCOL_ERROR'])
  })
})

describe('a link that receives', () => {
  it('tells the lanes apart, whatever the chunks are', () => {
    const { pipe, recorder } = newLink()
    const bytes = concat([call(1), streamFrame(50), call(2), call(3), streamFrame(12)])
    for (let at = 0; at < bytes.length; at += 5) pipe.receive(bytes.slice(at, at + 5))
    expect(recorder.control).toEqual([1, 2, 3])
    expect(recorder.stream).toEqual([50, 12])
  })

  it('gives the frames behind a change of handler to the new one, within a chunk too', () => {
    const { link, pipe, recorder } = newLink()
    const next = new Recorder()
    recorder.onEachControlFrame = () => {
      link.handler = next
    }
    pipe.receive(concat([call(1), call(2), call(3)]))
    expect([recorder.control, next.control]).toEqual([[1], [2, 3]])
    expect(link.handler).toBe(next)
    pipe.finish()
    expect([recorder.closed.length, next.closed.length]).toEqual([0, 1])
  })

  it('takes longer frames as soon as it may', () => {
    const { link, pipe, recorder } = newLink({ maxFrameBytes: 1000 })
    link.maxFrameBytes = 2000
    pipe.receive(call(1, 1500))
    expect(link.maxFrameBytes).toBe(2000)
    expect(recorder.control).toEqual([1])
    pipe.receive(call(2, 2500))
    expect(recorder.closed.map((error) => error.code)).toEqual(['PROTOCOL_ERROR'])
  })

  it('hands out nothing more once the handler has closed it, within a chunk too', () => {
    const { link, pipe, recorder } = newLink()
    recorder.onEachControlFrame = (id) => {
      if (id === 2) link.close()
    }
    pipe.receive(concat([call(1), call(2), call(3)]))
    pipe.receive(call(4))
    expect(recorder.control).toEqual([1, 2])
    expect(recorder.closed).toHaveLength(1)
  })

  it.each([
    ['bytes that are no frame', Uint8Array.of(0x47, 0x45, 0x54)],
    ['a frame above the limit', encodeFrame({ type: FrameType.CALL, data: new Uint8Array(40_000) })],
    ['a yamux frame of no known type', Uint8Array.of(0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
  ])('closes with GOODBYE on %s', (_, bytes) => {
    const { pipe, recorder } = newLink()
    pipe.receive(bytes)
    expect(recorder.closed.map((error) => error.code)).toEqual(['PROTOCOL_ERROR'])
    const [goodbye] = pipe.frames
    expect(readType(goodbye!, 0)).toBe(FrameType.GOODBYE)
    expect(decodeError(goodbye!, 0, goodbye!.length).code).toBe('PROTOCOL_ERROR')
    expect(pipe.hasEnded).toBe(true)
  })

  it('closes with the code that the handler throws, and takes a fault for a protocol error', () => {
    for (const [thrown, code] of [
      [new FrontierError('RATE_LIMITED', 'slower'), 'RATE_LIMITED'],
      [new TypeError('a fault'), 'PROTOCOL_ERROR'],
    ] as const) {
      const { pipe, recorder } = newLink()
      recorder.onEachControlFrame = () => {
        throw thrown
      }
      pipe.receive(concat([call(1), call(2)]))
      expect(recorder.control).toEqual([1])
      expect(recorder.closed.map((error) => error.code)).toEqual([code])
      expect(pipe.hasEnded).toBe(true)
    }
  })
})

describe('the end of a link', () => {
  it('close sends what is queued on both lanes, then GOODBYE, then FIN', () => {
    const { link, pipe, queue, recorder } = newLink({ isStuck: true })
    link.sendControl(call(1))
    queue.endTurn()
    link.sendStream(streamFrame(100))
    link.sendControl(call(2))
    recorder.onOver = () => {
      expect(link.isClosed).toBe(true)
      expect(link.handedBytes).toBe(link.sentBytes)
    }
    link.close(new FrontierError('KICKED', 'go'))
    expect(pipe.frames.map((frame) => (isStream(frame) ? 's' : readType(frame, 0)))).toEqual([FrameType.CALL, FrameType.CALL, 's', FrameType.GOODBYE])
    expect(pipe.hasEnded).toBe(true)
    expect(recorder.closed.map((error) => error.code)).toEqual(['KICKED'])
  })

  it('close without an error says no goodbye', () => {
    const { link, pipe, recorder } = newLink()
    link.close()
    expect(pipe.frames).toEqual([])
    expect(recorder.closed.map((error) => error.code)).toEqual(['EOF'])
  })

  it('cutOff drops what is queued, which the handler can still see', () => {
    const { link, pipe, queue, recorder } = newLink({ isStuck: true })
    link.sendControl(call(1))
    queue.endTurn()
    link.sendControl(call(2))
    link.sendControl(call(3))
    const unsent: Uint8Array[] = []
    recorder.onOver = () => {
      link.forEachUnsent((bytes, start, end) => unsent.push(Uint8Array.from(bytes.subarray(start, end))))
    }
    link.cutOff(new FrontierError('SLOW_CONSUMER', 'too slow'), true)
    expect(framesOf(concat(unsent)).map((frame) => readId(frame, 0))).toEqual([2, 3])
    expect(pipe.frames.map((frame) => readType(frame, 0))).toEqual([FrameType.CALL, FrameType.GOODBYE])
    expect(pipe.hasEnded).toBe(true)
    unsent.length = 0
    link.forEachUnsent((bytes) => unsent.push(bytes))
    expect(unsent).toEqual([])
    expect(link.queuedBytes).toBe(pipe.queuedBytes)
  })

  it('the end of the pipe shows what was not sent, too', () => {
    const { link, pipe, queue, recorder } = newLink({ isStuck: true })
    link.sendControl(call(1))
    queue.endTurn()
    link.sendControl(call(2))
    let unsentBytes = 0
    recorder.onOver = () => {
      link.forEachUnsent((_, start, end) => (unsentBytes += end - start))
    }
    pipe.finish(new FrontierError('EOF', 'reset'))
    expect(unsentBytes).toBe(call(2).length)
    expect(recorder.closed).toHaveLength(1)
    expect(recorder.closed[0]!.message).toContain('reset')
  })

  it('abort ends the pipe now, also when the link is closing', () => {
    const first = newLink()
    first.link.abort()
    expect(first.pipe.destroyedBy?.error?.code).toBe('EOF')
    expect(first.recorder.closed).toHaveLength(1)
    const second = newLink()
    second.link.close()
    second.link.abort(new FrontierError('KICKED', 'now'))
    expect(second.pipe.destroyedBy?.error?.code).toBe('KICKED')
    expect(second.recorder.closed.map((error) => error.code)).toEqual(['EOF'])
  })

  it('comes once, whatever else comes', () => {
    const { link, pipe, recorder, queue } = newLink()
    link.sendControl(call(1))
    pipe.finish()
    pipe.finish()
    link.close()
    link.cutOff(new FrontierError('KICKED', 'again'))
    link.abort()
    pipe.receive(call(1))
    pipe.drain()
    link.sendControl(call(2))
    link.sendStream(streamFrame(20))
    queue.endTurn()
    expect(recorder.closed).toHaveLength(1)
    expect(recorder.control).toEqual([])
    expect(pipe.frames).toEqual([])
    expect([link.queuedBytes, link.queuedStreamBytes]).toEqual([0, 0])
  })

  it('ends the pipe although the handler throws', () => {
    for (const end of [(link: Link) => link.close(), (link: Link) => link.cutOff(new FrontierError('KICKED', 'x')), (link: Link) => link.abort()]) {
      const { link, pipe, recorder } = newLink()
      recorder.onOver = () => {
        throw new Error('a fault')
      }
      expect(() => end(link)).toThrow('a fault')
      expect(pipe.hasEnded || pipe.destroyedBy !== undefined).toBe(true)
      expect(recorder.closed).toHaveLength(1)
    }
  })
})
