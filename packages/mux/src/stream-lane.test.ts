import { FrontierError } from '@frontier/wire'
import { describe, expect, it, vi } from 'vitest'
import { LanePair, pattern, pour, Recorder } from '../test/lane-pair.js'
import { StreamLane } from './stream-lane.js'
import { encodeYamux, readYamuxFlags, readYamuxId, readYamuxLength, readYamuxType, YamuxFlag, YamuxType } from './yamux-frame.js'

function soleLane(maxFrameBytes = 32_768): { lane: StreamLane; sent: Uint8Array[]; receive: (frame: Uint8Array) => void } {
  const sent: Uint8Array[] = []
  const lane = new StreamLane({ writable: true, send: (frame) => void sent.push(frame) }, { role: 'client', maxFrameBytes })
  return {
    lane,
    sent,
    receive: (frame) => {
      lane.onFrame(frame, 0, frame.length)
    },
  }
}

function data(id: number, length: number, flags = 0): Uint8Array {
  return encodeYamux(YamuxType.DATA, flags, id, length)
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('StreamLane', () => {
  it('carries bytes both ways and is over when both sides have ended', async () => {
    const pair = new LanePair()
    const { opener, acceptor, from, to } = pair.stream()
    const there = pattern(1_000_000, 1)
    const back = pattern(300_001, 2)
    opener.write(there.slice())
    opener.end()
    acceptor.write(back.slice())
    await vi.waitFor(() => {
      expect(to.ends).toBe(1)
    })
    expect(to.has(there)).toBe(true)
    expect(pair.client.size).toBe(1)
    acceptor.end()
    await vi.waitFor(() => {
      expect(from.ends).toBe(1)
    })
    expect(from.has(back)).toBe(true)
    expect([pair.client.size, pair.server.size]).toEqual([0, 0])
    expect([...from.errors, ...to.errors]).toEqual([])
  })

  it('lets the acceptor speak first', async () => {
    const pair = new LanePair()
    const acceptor = pair.server.accept(1)
    const opener = pair.client.open(1)
    const from = new Recorder(opener)
    acceptor.write(pattern(10))
    await vi.waitFor(() => {
      expect(from.has(pattern(10))).toBe(true)
    })
  })

  it('begins with SYN at the opener and with ACK at the acceptor, once each', async () => {
    const pair = new LanePair()
    pair.clientPort.keepsSent = pair.serverPort.keepsSent = true
    const { opener, acceptor, to } = pair.stream()
    opener.write(pattern(5))
    acceptor.write(pattern(5))
    await vi.waitFor(() => {
      expect(to.bytes).toBe(5)
    })
    expect(pair.clientPort.sent.map((frame) => readYamuxFlags(frame, 0))).toEqual([YamuxFlag.SYN, 0])
    expect(pair.serverPort.sent.map((frame) => readYamuxFlags(frame, 0))).toEqual([YamuxFlag.ACK])
  })

  it('sends no frame above the limit, and small writes of one go as one', async () => {
    const { lane, sent } = soleLane(4096)
    const stream = lane.open(1)
    stream.write(pattern(20_000))
    await turn()
    expect(Math.max(...sent.map((frame) => frame.length))).toBe(4096)
    expect(sent.reduce((sum, frame) => sum + frame.length - 12, 0)).toBe(20_000)
    sent.length = 0
    for (let i = 0; i < 100; i++) stream.write(pattern(10))
    await turn()
    expect(sent.map((frame) => frame.length)).toEqual([1012])
  })

  it('asks a writer to wait above 64 KiB and tells when there is room', async () => {
    const pair = new LanePair()
    const { opener, acceptor, from, to } = pair.stream()
    acceptor.pause()
    expect(opener.write(new Uint8Array(60_000))).toBe(true)
    expect(opener.write(new Uint8Array(300_000))).toBe(false)
    await vi.waitFor(() => {
      expect(opener.queuedBytes).toBe(360_000 - 262_144)
    })
    expect(from.drained).toBe(0)
    acceptor.resume()
    await vi.waitFor(() => {
      expect([from.drained, to.bytes, opener.queuedBytes]).toEqual([1, 360_000, 0])
    })
  })

  it('keeps what came before the handler, and hands it over in order once there is one', async () => {
    const pair = new LanePair()
    const { opener, acceptor } = pair.stream()
    acceptor.handler = undefined
    opener.write(pattern(100_000))
    opener.end()
    await vi.waitFor(() => {
      expect(opener.queuedBytes).toBe(0)
    })
    await turn()
    const to = new Recorder(acceptor)
    expect(to.bytes).toBe(0)
    await vi.waitFor(() => {
      expect(to.ends).toBe(1)
    })
    expect(to.has(pattern(100_000))).toBe(true)
  })

  it('resets one stream and leaves its neighbour alone', async () => {
    const pair = new LanePair()
    const one = pair.stream()
    const two = pair.stream()
    one.opener.reset()
    one.opener.write(pattern(3))
    two.opener.write(pattern(3))
    await vi.waitFor(() => {
      expect(two.to.bytes).toBe(3)
    })
    expect(one.to.errors.map((error) => [error.code, error.origin])).toEqual([['EOF', 'gateway']])
    expect([one.from.errors, one.from.ends, one.to.ends, one.to.bytes]).toEqual([[], 0, 0, 0])
    expect([pair.client.size, pair.server.size]).toEqual([1, 1])
  })

  it('resets a stream whose peer exceeds its credit, and no other', async () => {
    const { lane, sent, receive } = soleLane()
    const victim = new Recorder(lane.open(1))
    const neighbour = new Recorder(lane.open(3))
    lane.open(1 + 4).handler = new Recorder()
    const paused = lane.accept(2)
    const reader = new Recorder(paused)
    paused.pause()
    receive(encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.SYN, 2, 0))
    sent.length = 0
    for (let i = 0; i < 8; i++) receive(data(2, 32_768 - 12))
    expect(sent).toEqual([])
    receive(data(2, 97))
    expect(reader.errors.map((error) => error.code)).toEqual(['PROTOCOL_ERROR'])
    expect(sent.map((frame) => [readYamuxFlags(frame, 0), readYamuxId(frame, 0)])).toEqual([[YamuxFlag.RST, 2]])
    expect(lane.size).toBe(3)
    receive(data(3, 9))
    await turn()
    expect([neighbour.bytes, neighbour.errors, victim.errors]).toEqual([9, [], []])
    receive(data(2, 97))
    expect(sent.length).toBe(1)
  })

  it.each([
    ['data behind FIN', [data(1, 5, YamuxFlag.FIN), data(1, 5)]],
    ['a SYN for a stream of ours', [data(1, 5, YamuxFlag.SYN)]],
    ['credit beyond any window', [encodeYamux(YamuxType.WINDOW_UPDATE, 0, 1, 0xffff_ffff)]],
  ])('resets a stream for %s', (_name, frames) => {
    const { lane, sent, receive } = soleLane()
    const recorder = new Recorder(lane.open(1))
    for (const frame of frames) receive(frame)
    expect(recorder.errors.map((error) => error.code)).toEqual(['PROTOCOL_ERROR'])
    expect(readYamuxFlags(sent.at(-1)!, 0)).toBe(YamuxFlag.RST)
    expect(lane.size).toBe(0)
  })

  it('resets a stream whose handler throws, and tells it why', async () => {
    const pair = new LanePair()
    const { opener, acceptor, from } = pair.stream()
    const to = new Recorder(acceptor)
    to.onChunk = () => {
      throw new FrontierError('PAYLOAD_TOO_LARGE', 'no more')
    }
    opener.write(pattern(1))
    await vi.waitFor(() => {
      expect(from.errors.length).toBe(1)
    })
    expect(to.errors.map((error) => error.code)).toEqual(['PAYLOAD_TOO_LARGE'])
  })

  it('answers data for an unknown stream with RST once, and ignores the rest', () => {
    const { sent, receive } = soleLane()
    receive(encodeYamux(YamuxType.WINDOW_UPDATE, 0, 8, 5))
    receive(data(8, 5, YamuxFlag.RST))
    expect(sent).toEqual([])
    for (let i = 0; i < 5; i++) receive(data(8, 5))
    expect(sent.map((frame) => [readYamuxFlags(frame, 0), readYamuxId(frame, 0)])).toEqual([[YamuxFlag.RST, 8]])
  })

  it('says nothing more for a stream it has reset', () => {
    const { lane, sent, receive } = soleLane()
    lane.open(1).reset()
    receive(data(1, 5))
    expect(sent.map((frame) => readYamuxFlags(frame, 0))).toEqual([YamuxFlag.SYN, YamuxFlag.RST])
  })

  it('gives no credit back to a side that has ended', () => {
    const { lane, sent, receive } = soleLane()
    const stream = lane.open(1)
    const recorder = new Recorder(stream)
    stream.pause()
    for (let i = 0; i < 8; i++) receive(data(1, 32_000))
    receive(data(1, 0, YamuxFlag.FIN))
    stream.resume()
    expect([recorder.bytes, recorder.ends, sent.length]).toEqual([256_000, 1, 1])
  })

  it('answers pings of the session and ignores their answers and goaway', () => {
    const { sent, receive } = soleLane()
    receive(encodeYamux(YamuxType.PING, YamuxFlag.ACK, 0, 7))
    receive(encodeYamux(YamuxType.GO_AWAY, 0, 0, 1))
    expect(sent).toEqual([])
    receive(encodeYamux(YamuxType.PING, YamuxFlag.SYN, 0, 0xdead_beef))
    const [answer] = sent
    expect([readYamuxType(answer!, 0), readYamuxFlags(answer!, 0), readYamuxLength(answer!, 0)]).toEqual([YamuxType.PING, YamuxFlag.ACK, 0xdead_beef])
  })

  it.each([
    ['another version', [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]],
    ['an unknown type', [0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]],
    ['data of the session', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a ping of a stream', [0, 2, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]],
    ['a length that is not so', [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9]],
    ['too little', [0, 0, 0]],
  ])('throws PROTOCOL_ERROR for %s', (_name, bytes) => {
    const { receive } = soleLane()
    expect(() => {
      receive(Uint8Array.from(bytes))
    }).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }) as Error)
  })

  it('refuses ids that are taken or of the other side, and options out of range', () => {
    const { lane } = soleLane()
    lane.open(1)
    const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error
    for (const id of [0, 1, 2, -1, 1.5, 2 ** 32 + 1]) expect(() => lane.open(id)).toThrow(invalid)
    expect(() => lane.accept(3)).toThrow(invalid)
    expect(() => soleLane(10)).toThrow(invalid)
  })

  it('moves many streams at once without mixing their bytes', async () => {
    const pair = new LanePair({ maxFrameBytes: 2048 })
    const streams = Array.from({ length: 50 }, (_, index) => ({ ...pair.stream(), bytes: pattern(40_000 + index, index) }))
    for (const { opener, acceptor, bytes } of streams) {
      opener.write(bytes.slice())
      opener.end()
      acceptor.end()
    }
    await vi.waitFor(() => {
      expect([pair.client.size, pair.server.size]).toEqual([0, 0])
    })
    for (const { to, bytes } of streams) expect(to.has(bytes)).toBe(true)
  })

  it('hands over as much as a reader asks for that stops after each chunk', async () => {
    const pair = new LanePair()
    const { opener, acceptor, from, to } = pair.stream()
    to.onChunk = () => {
      acceptor.pause()
      setImmediate(() => {
        acceptor.resume()
      })
    }
    to.keepsChunks = false
    pour(opener, from, 3_000_000)
    await vi.waitFor(() => {
      expect([to.bytes, to.ends]).toEqual([3_000_000, 1])
    })
  })
})
