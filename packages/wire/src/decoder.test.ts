import { describe, expect, it } from 'vitest'

import { FrameDecoder, type FrameSink, type SplitFrame } from './decoder.js'
import { encodeFrame, encodeRawFrame } from './encode.js'
import { FrameType } from './frame-type.js'
import { readId } from './header.js'
import { DEFAULT_MAX_FRAME_BYTES, HEADER_BYTES } from './limits.js'

interface Seen {
  lane: 'control' | 'stream'
  bytes: Uint8Array
  start: number
  end: number
}

function collect(onFrame: (seen: Seen) => void = () => undefined): { sink: FrameSink; seen: Seen[] } {
  const seen: Seen[] = []
  const take = (lane: Seen['lane']) => (bytes: Uint8Array, start: number, end: number) => {
    const frame = { lane, bytes, start, end }
    seen.push(frame)
    onFrame(frame)
  }
  return { sink: { onControlFrame: take('control'), onStreamFrame: take('stream') }, seen }
}

const ping = (id: number) => encodeFrame({ type: FrameType.PING, id })
const concat = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]))
const protocolError = expect.objectContaining({ code: 'PROTOCOL_ERROR' }) as Error

describe('FrameDecoder', () => {
  it('hands frames on where they lie, without a copy', () => {
    const { sink, seen } = collect()
    const chunk = concat(ping(1), ping(2))
    new FrameDecoder(sink).push(chunk)
    expect(seen.map(({ start, end }) => [start, end])).toEqual([[0, 24], [24, 48]])
    expect(seen.every(({ bytes }) => bytes === chunk)).toBe(true)
  })

  it('copies no more than the frame that straddles two chunks', () => {
    const { sink, seen } = collect()
    const decoder = new FrameDecoder(sink)
    const [first, second] = [concat(ping(1), ping(2).subarray(0, 20)), concat(ping(2).subarray(20), ping(3))]
    decoder.push(first)
    expect(decoder.bufferedBytes).toBe(20)
    decoder.push(second)
    expect(decoder.bufferedBytes).toBe(0)
    expect(seen.map(({ bytes, start }) => readId(bytes, start))).toEqual([1, 2, 3])
    expect(seen.map(({ bytes }) => bytes.length)).toEqual([first.length, HEADER_BYTES, second.length])
  })

  it('holds a copy of what is left, not the chunk', () => {
    const { sink, seen } = collect()
    const decoder = new FrameDecoder(sink)
    const chunk = ping(7).slice(0, 10)
    decoder.push(chunk)
    chunk.fill(0xff)
    decoder.push(ping(7).subarray(10))
    expect(seen.map(({ bytes, start }) => readId(bytes, start))).toEqual([7])
  })

  it('hands a stream frame that lies in two chunks on as it lies there; in three, a copy', () => {
    const whole: Uint8Array[] = []
    const split: SplitFrame[] = []
    const decoder = new FrameDecoder({
      onControlFrame: () => undefined,
      onStreamFrame: (bytes, start, end) => whole.push(bytes.subarray(start, end)),
      onSplitStreamFrame: (frame) => split.push(frame),
    })
    const frame = new Uint8Array(112).fill(7, 12)
    frame.set([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 100])
    const first = concat(frame, frame.subarray(0, 60))
    const second = concat(frame.subarray(60), frame.subarray(0, 40))
    decoder.push(first)
    expect([decoder.bufferedBytes, decoder.isWithinFrame]).toEqual([60, true])
    decoder.push(second)
    expect(split).toEqual([{ head: first, start: 112, tail: second, end: 52 }])
    expect(split[0]!.head).toBe(first)
    expect(split[0]!.tail).toBe(second)
    decoder.push(frame.subarray(40, 41))
    decoder.push(frame.subarray(41))
    expect(decoder.isWithinFrame).toBe(false)
    expect(whole).toEqual([frame, frame])
    expect(whole[1]!.buffer).not.toBe(second.buffer)
    expect(split).toHaveLength(1)
  })

  it('does not mind empty chunks', () => {
    const { sink, seen } = collect()
    const decoder = new FrameDecoder(sink)
    for (const part of [ping(1).subarray(0, 0), ping(1).subarray(0, 5), new Uint8Array(), ping(1).subarray(5)]) decoder.push(part)
    expect(seen).toHaveLength(1)
  })

  it('takes a frame of exactly the limit, in pieces too, and none that is a byte longer', () => {
    for (const size of [24, 100, DEFAULT_MAX_FRAME_BYTES]) {
      const frame = encodeRawFrame({ type: FrameType.DATA, body: new Uint8Array(size - HEADER_BYTES) })
      for (const cut of [0, 1, 23, 24, size - 1]) {
        const { sink, seen } = collect()
        const decoder = new FrameDecoder(sink, size)
        decoder.push(frame.slice(0, cut))
        decoder.push(frame.slice(cut))
        expect(seen).toHaveLength(1)
      }
      const longer = encodeRawFrame({ type: FrameType.DATA, body: new Uint8Array(size - HEADER_BYTES + 1) })
      expect(() => { new FrameDecoder(collect().sink, size).push(longer) }).toThrow(protocolError)
    }
  })

  it('takes longer frames once the limit was raised, also in the middle of a chunk', () => {
    const { sink, seen } = collect(() => { decoder.maxFrameBytes = 1000 })
    const decoder: FrameDecoder = new FrameDecoder(sink, 50)
    decoder.push(concat(ping(1), encodeRawFrame({ type: FrameType.DATA, body: new Uint8Array(900) })))
    expect(seen).toHaveLength(2)
  })

  it('refuses a long frame when its header is there, before any of its body', () => {
    const header = encodeRawFrame({ type: FrameType.DATA, body: new Uint8Array(100) }).slice(0, HEADER_BYTES)
    const decoder = new FrameDecoder(collect().sink, 100)
    decoder.push(header.subarray(0, 23))
    expect(() => { decoder.push(header.subarray(23)) }).toThrow('124')
  })

  it('refuses a wrong first byte at once, and names it', () => {
    expect(() => { new FrameDecoder(collect().sink).push(new Uint8Array([0x0a])) }).toThrow('0x0a')
  })

  it('hands out the frames in front of a bad one, and ignores what comes after it', () => {
    const { sink, seen } = collect()
    const decoder = new FrameDecoder(sink)
    expect(() => { decoder.push(concat(ping(1), new Uint8Array([0xff]), ping(2))) }).toThrow(protocolError)
    decoder.push(ping(3))
    expect(seen.map(({ bytes, start }) => readId(bytes, start))).toEqual([1])
    expect(decoder.bufferedBytes).toBe(0)
  })

  it('hands out nothing more after stop(), the rest of the chunk included', () => {
    const { sink, seen } = collect(() => { decoder.stop() })
    const decoder: FrameDecoder = new FrameDecoder(sink)
    decoder.push(ping(1).subarray(0, 10))
    decoder.push(concat(ping(1).subarray(10), ping(2), ping(3).subarray(0, 3)))
    decoder.push(ping(4))
    expect(seen.map(({ bytes, start }) => readId(bytes, start))).toEqual([1])
    expect(decoder.bufferedBytes).toBe(0)
  })

  it('lets the sink rewrite a frame in place without harm to the next', () => {
    const { sink, seen } = collect(({ bytes, start, end }) => { bytes.fill(0xff, start, end) })
    new FrameDecoder(sink).push(concat(ping(1), ping(2)))
    expect(seen).toHaveLength(2)
  })

  it('passes on what the sink throws', () => {
    const { sink } = collect(() => { throw new RangeError('mine') })
    expect(() => { new FrameDecoder(sink).push(ping(1)) }).toThrow(RangeError)
  })
})
