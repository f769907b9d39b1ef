// What @chainsafe/libp2p-yamux 8.0.1 gets wrong when it is left alone (docs/decisions/yamux-engine.md): none of it may happen here.
import { FrontierError } from '@frontier/wire'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LanePair, pattern, pour } from '../test/lane-pair.js'
import { TimedLink } from '../test/timed-link.js'
import { INITIAL_WINDOW_BYTES, readYamuxLength, readYamuxType, YamuxType } from './yamux-frame.js'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the end of a link', () => {
  it('is an error to every stream, never a clean end, and comes behind what is unread', async () => {
    const pair = new LanePair()
    const reading = pair.stream()
    const paused = pair.stream()
    paused.acceptor.pause()
    reading.opener.write(pattern(1000))
    paused.opener.write(pattern(200_000))
    await vi.waitFor(() => {
      expect([reading.to.bytes, paused.opener.queuedBytes]).toEqual([1000, 0])
    })
    await turn()
    const error = new FrontierError('EOF', 'gone')
    pair.server.end(error)
    pair.server.end(new FrontierError('EOF', 'again'))
    expect(paused.to.has(pattern(200_000))).toBe(true)
    for (const { to } of [reading, paused]) expect([to.errors, to.ends]).toEqual([[error], 0])
    expect(pair.server.size).toBe(0)
    expect(() => pair.server.open(2)).toThrow(error)
  })

  it('waits for a handler that is not there yet', async () => {
    const pair = new LanePair()
    const { opener, acceptor, to } = pair.stream()
    acceptor.handler = undefined
    opener.write(pattern(5000))
    await turn()
    const error = new FrontierError('EOF', 'gone')
    pair.server.end(error)
    acceptor.handler = to
    await vi.waitFor(() => {
      expect(to.errors).toEqual([error])
    })
    expect(to.has(pattern(5000))).toBe(true)
  })
})

describe('a RST, which nothing announced: the link of the other end went', () => {
  it('is EOF behind what is unread, pause or not', async () => {
    const pair = new LanePair()
    const { opener, acceptor, to } = pair.stream()
    acceptor.pause()
    opener.write(pattern(100_000))
    await vi.waitFor(() => {
      expect(opener.queuedBytes).toBe(0)
    })
    opener.reset()
    await vi.waitFor(() => {
      expect(to.errors.map(({ code, origin }) => [code, origin])).toEqual([['EOF', 'gateway']])
    })
    expect([to.has(pattern(100_000)), to.ends]).toEqual([true, 0])
  })

  it('comes behind a FIN that was seen', async () => {
    const pair = new LanePair()
    const { opener, acceptor, to } = pair.stream()
    acceptor.pause()
    opener.write(pattern(1000))
    opener.end()
    await turn()
    opener.reset()
    await vi.waitFor(() => {
      expect([to.bytes, to.ends, to.errors.map(({ code }) => code)]).toEqual([1000, 1, ['EOF']])
    })
  })
})

describe('FIN', () => {
  it('loses nothing that a paused reader has not taken, though the stream is over on both sides', async () => {
    const pair = new LanePair()
    const { opener, acceptor, to } = pair.stream()
    acceptor.pause()
    acceptor.end()
    opener.write(pattern(250_000))
    opener.end()
    await vi.waitFor(() => {
      expect([pair.client.size, pair.server.size]).toEqual([0, 0])
    })
    pair.server.end(new FrontierError('EOF', 'gone'))
    expect([to.bytes, to.ends]).toEqual([0, 0])
    acceptor.resume()
    expect(to.has(pattern(250_000))).toBe(true)
    expect([to.ends, to.errors]).toEqual([1, []])
  })
})

describe('Node 20', () => {
  it('needs no Promise.withResolvers', async () => {
    vi.stubGlobal('Promise', Object.assign(Promise, { withResolvers: undefined }))
    const pair = new LanePair()
    const { opener, from, to } = pair.stream()
    pour(opener, from, 1_000_000)
    await vi.waitFor(() => {
      expect(to.ends).toBe(1)
    })
  })
})

describe('credit', () => {
  it('comes back for what was consumed, not for what arrived', async () => {
    const pair = new LanePair()
    const { opener, acceptor, from, to } = pair.stream()
    acceptor.pause()
    pair.serverPort.keepsSent = true
    pour(opener, from, 2_000_000)
    await vi.waitFor(() => {
      expect(opener.queuedBytes).toBeGreaterThan(0)
    })
    await turn()
    await turn()
    const updates = (): number[] =>
      pair.serverPort.sent.filter((frame) => readYamuxType(frame, 0) === YamuxType.WINDOW_UPDATE).map((frame) => readYamuxLength(frame, 0))
    expect(updates()).toEqual([0, 0]) // the ACK and the answer to a mark, and no credit with them
    acceptor.resume()
    await vi.waitFor(() => {
      expect(to.ends).toBe(1)
    })
    expect(to.bytes).toBe(2_000_000)
    expect(updates().reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThanOrEqual(2_000_000 - INITIAL_WINDOW_BYTES)
  })

  it('may be paused before the first frame came: the ACK leaves all the same', async () => {
    const pair = new LanePair()
    pair.serverPort.keepsSent = true
    const acceptor = pair.server.accept(1)
    acceptor.pause()
    pair.client.open(1)
    await vi.waitFor(() => {
      expect(pair.serverPort.sent.length).toBe(1)
    })
  })

  it('keeps more than 4 MiB for a paused reader whose window has grown that far', async () => {
    const pair = new LanePair()
    pair.client.rttMs = pair.server.rttMs = 1000
    const { opener, acceptor, from, to } = pair.stream()
    to.keepsChunks = false
    let before = 0
    to.onChunk = () => {
      if (to.bytes < 20_000_000) return
      before = to.bytes
      to.onChunk = undefined
      acceptor.pause()
    }
    pour(opener, from, 40_000_000)
    await vi.waitFor(() => {
      expect(before).toBeGreaterThan(0)
    })
    // Nothing moves any more: what waits at the writer has no credit.
    pair.clientPort.keepsSent = true
    do {
      pair.clientPort.sent.length = 0
      for (let i = 0; i < 5; i++) await turn()
    } while (pair.clientPort.sent.length > 0)
    expect(opener.queuedBytes).toBeGreaterThan(0)
    expect(to.bytes).toBe(before)
    acceptor.resume()
    expect(to.bytes - before).toBeGreaterThan(4_194_304)
    await vi.waitFor(() => {
      expect([to.bytes, to.ends, to.errors]).toEqual([40_000_000, 1, []])
    })
  })
})

describe('the window', () => {
  it('fills a path of 100 ms and 400 Mbit/s, once the round-trip time is known', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const link = new TimedLink({ rttMs: 100, bytesPerMs: 50_000 })
    const { opener, from, to } = link.stream()
    to.keepsChunks = false
    pour(opener, from, 500_000_000)
    await vi.advanceTimersByTimeAsync(1000)
    expect(to.bytes).toBeLessThan(3_000_000)
    link.client.rttMs = link.server.rttMs = 100
    await vi.advanceTimersByTimeAsync(1500)
    const before = to.bytes
    await vi.advanceTimersByTimeAsync(1000)
    expect(to.bytes - before).toBeGreaterThan(0.97 * 50_000_000)
  })

  it('does not grow for a reader that is slow, nor beyond what the lane may take in all', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const link = new TimedLink({ rttMs: 10, bytesPerMs: 50_000, maxGrowthBytes: 1_000_000 })
    link.client.rttMs = link.server.rttMs = 10
    const slow = link.stream()
    slow.to.onChunk = () => {
      slow.acceptor.pause()
      setTimeout(() => {
        slow.acceptor.resume()
      }, 20)
    }
    pour(slow.opener, slow.from, 4_000_000)
    await vi.advanceTimersByTimeAsync(1000)
    slow.acceptor.pause()
    await vi.advanceTimersByTimeAsync(1000)
    const read = slow.to.bytes
    slow.to.onChunk = undefined
    slow.acceptor.pause()
    link.server.end(new FrontierError('EOF', 'to see what is unread'))
    expect(slow.to.bytes - read).toBeLessThanOrEqual(INITIAL_WINDOW_BYTES)
  })
})

describe('many writers over a full pipe', () => {
  it('get equal shares', async () => {
    const pair = new LanePair()
    const streams = Array.from({ length: 100 }, () => pair.stream())
    for (const { opener, from, to } of streams) {
      to.keepsChunks = false
      pour(opener, from, 5_000_000)
    }
    const total = (): number => streams.reduce((sum, { to }) => sum + to.bytes, 0)
    await vi.waitFor(() => {
      expect(total()).toBeGreaterThan(50_000_000)
    })
    const mean = total() / streams.length
    const least = Math.min(...streams.map(({ to }) => to.bytes))
    expect(least).toBeGreaterThan(mean * 0.5)
  })

  it('nor does one that has much to send keep out one that has little', async () => {
    const pair = new LanePair()
    const big = pair.stream()
    pour(big.opener, big.from, 100_000_000)
    const small = pair.stream()
    big.to.keepsChunks = false
    await turn()
    let between = 0
    small.to.onChunk = () => {
      between += big.to.bytes
    }
    small.opener.write(pattern(64))
    between -= big.to.bytes
    await vi.waitFor(() => {
      expect(small.to.bytes).toBe(64)
    })
    expect(between).toBeLessThan(300_000)
    big.opener.reset()
  })
})

describe('many streams', () => {
  it('cost no more per frame than few', async () => {
    const nsPerFrame = async (count: number): Promise<number> => {
      const pair = new LanePair()
      const streams = Array.from({ length: count }, () => pair.stream())
      await turn()
      const rounds = Math.ceil(20_000 / count)
      const start = performance.now()
      for (let round = 0; round < rounds; round++) {
        for (const { opener } of streams) opener.write(new Uint8Array(64))
        await turn()
        await turn()
      }
      await vi.waitFor(
        () => {
          expect(streams.reduce((sum, { to }) => sum + to.bytes, 0)).toBe(rounds * count * 64)
        },
        { interval: 1 },
      )
      return ((performance.now() - start) * 1e6) / (rounds * count)
    }
    await nsPerFrame(1000)
    const few = Math.min(await nsPerFrame(1000), await nsPerFrame(1000))
    const many = Math.min(await nsPerFrame(10_000), await nsPerFrame(10_000), await nsPerFrame(10_000))
    // Linear look-up would make this 10.
    expect(many / few).toBeLessThan(5)
  })

  it('may be open at once, however many come before the first is taken', async () => {
    const pair = new LanePair()
    const streams = Array.from({ length: 5000 }, () => pair.stream())
    for (const { opener } of streams) opener.write(pattern(10))
    await vi.waitFor(() => {
      expect(streams.every(({ to }) => to.bytes === 10)).toBe(true)
    })
    expect([pair.client.size, pair.server.size]).toEqual([5000, 5000])
  })

  it('leave nothing behind when they are over', async () => {
    const pair = new LanePair()
    const run = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const { opener, acceptor } = pair.stream()
        opener.write(new Uint8Array(100))
        if (i % 10 === 0) opener.reset()
        else opener.end()
        acceptor.end()
        if (i % 100 === 0) await turn()
      }
      await vi.waitFor(() => {
        expect([pair.client.size, pair.server.size]).toEqual([0, 0])
      })
    }
    await run(1000)
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    await run(10_000)
    await turn()
    globalThis.gc?.()
    const grownBytes = process.memoryUsage().heapUsed - before
    if (globalThis.gc !== undefined) expect(grownBytes).toBeLessThan(2_000_000)
  })
})
