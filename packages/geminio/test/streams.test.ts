import { FrameType, FrontierError } from '@frontier/wire'
import { describe, expect, it, vi } from 'vitest'
import type { Stream } from '../src/stream.js'
import { until } from './ends.js'
import { connectPair, openPair, readAll } from './stream-pair.js'

describe('opening streams', () => {
  it('from an edge: names service, edge and meta at both ends', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair, 'hello')
    for (const stream of [atEdge, atService]) {
      expect(stream.edgeId).toBe(42n)
      expect(stream.service).toBe('svc')
      expect(new TextDecoder().decode(stream.meta)).toBe('hello')
    }
    expect(atEdge.id % 2).toBe(1)
    expect(atService.id % 2).toBe(0)
    expect(pair.edge.listStreams()).toEqual([atEdge])
    expect(pair.service.listStreams()).toEqual([atService])
  })

  it('from a service: names service, edge and meta at both ends', async () => {
    await using pair = await connectPair()
    const streams = pair.edge.streams()[Symbol.asyncIterator]()
    const opened = await pair.service.openStream(42n, { meta: 'm' })
    const { value: taken } = (await streams.next()) as { value: Stream }
    for (const stream of [opened, taken]) {
      expect(stream.edgeId).toBe(42n)
      expect(stream.service).toBe('svc')
    }
    await opened.write('to the edge')
    await opened.closeWrite()
    expect(await readAll(taken)).toBe('to the edge')
  })

  it('is refused with STREAM_REFUSED where nobody takes streams', async () => {
    await using pair = await connectPair()
    await expect(pair.edge.openStream('svc')).rejects.toMatchObject({ code: 'STREAM_REFUSED', delivered: 'no' })
    expect(pair.edge.listStreams()).toEqual([])
  })

  it('is refused with the code that the accept hook threw', async () => {
    await using pair = await connectPair()
    pair.service.onStream(() => undefined, {
      accept: async ({ edgeId, service, meta }) => {
        expect([edgeId, service]).toEqual([42n, 'svc'])
        if (meta.length === 0) throw new FrontierError('PERMISSION_DENIED', 'not you')
        throw new Error('out of order')
      },
    })
    await expect(pair.edge.openStream('svc')).rejects.toMatchObject({ code: 'PERMISSION_DENIED', message: 'PERMISSION_DENIED: not you' })
    await expect(pair.edge.openStream('svc', { meta: 'x' })).rejects.toMatchObject({ code: 'STREAM_REFUSED', message: 'STREAM_REFUSED: out of order' })
  })

  it('gives up with TIMEOUT or CANCELLED, and the acceptor hears of it', async () => {
    await using pair = await connectPair()
    const handler = vi.fn()
    let admit!: () => void
    pair.service.onStream(handler, { accept: () => new Promise((resolve) => (admit = resolve)) })
    await expect(pair.edge.openStream('svc', { timeoutMs: 15 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    const controller = new AbortController()
    const opening = expect(pair.edge.openStream('svc', { signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    controller.abort()
    await opening
    const serviceLink = pair.gateway.links[0]!
    // Answered behind the resets: they have arrived.
    await expect(pair.edge.call('nothing')).rejects.toMatchObject({ code: 'RPC_NOT_ONLINE' })
    admit()
    await expect(pair.service.call(42n, 'nothing')).rejects.toMatchObject({ code: 'RPC_NOT_ONLINE' })
    expect(serviceLink.received).not.toContain(FrameType.ACCEPT)
    expect(handler).not.toHaveBeenCalled()
  })

  it('carries a meta of up to 256 KiB, and rejects PAYLOAD_TOO_LARGE beyond', async () => {
    await using pair = await connectPair()
    await expect(pair.edge.openStream('svc', { meta: new Uint8Array(262_145) })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    const meta = new Uint8Array(100_000).fill(7)
    let seen: Uint8Array | undefined
    pair.service.onStream((stream) => {
      seen = stream.meta
    })
    await pair.edge.openStream('svc', { meta })
    expect(seen).toEqual(meta)
  })

  it('has one consumer: a second is INVALID_ARGUMENT, until the first has gone', async () => {
    await using pair = await connectPair()
    const registration = pair.service.onStream(() => undefined)
    expect(() => pair.service.streams()).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    expect(() => pair.service.onStream(() => undefined)).toThrow(FrontierError)
    registration[Symbol.dispose]()
    const iteration = pair.service.streams()
    const opened = await pair.edge.openStream('svc')
    for await (const stream of iteration) {
      expect(stream.service).toBe('svc')
      break
    }
    pair.service.onStream(() => undefined)
    expect(opened.bytesAcked).toBe(0)
  })

  it('a handler that throws resets the stream; one that returns does not close it', async () => {
    await using pair = await connectPair()
    pair.service.onStream((stream) => {
      if (stream.meta.length > 0) throw new Error('no good')
    })
    const good = await pair.edge.openStream('svc')
    const bad = await pair.edge.openStream('svc', { meta: 'x' })
    expect(await bad.closed).toMatchObject({ code: 'STREAM_RESET', message: 'no good' })
    await good.write('still open')
    await until(() => good.bytesAcked === 0 && pair.edge.listStreams().length === 1)
  })
})

describe('bytes of a stream', () => {
  it('arrive in order and whole, both ways, with half-close', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    const big = new Uint8Array(3_000_000).map((_, i) => i * 31)
    const echoing = (async () => {
      for await (const chunk of atService) await atService.write(chunk)
      await atService.closeWrite()
    })()
    const parts: Uint8Array[] = []
    const reading = (async () => {
      for await (const chunk of atEdge) parts.push(chunk)
    })()
    await atEdge.write(big)
    await atEdge.closeWrite()
    await echoing
    await reading
    expect(Buffer.compare(Buffer.concat(parts), big)).toBe(0)
    expect(await atEdge.closed).toMatchObject({ code: 'CLOSED' })
    expect(await atService.closed).toMatchObject({ code: 'CLOSED' })
    expect(atEdge.bytesAcked).toBe(big.length)
    expect(atService.bytesAcked).toBe(big.length)
    expect(pair.edge.listStreams()).toEqual([])
    expect(pair.service.listStreams()).toEqual([])
  })

  it('bytesAcked grows with what the reader takes, not with what arrives', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    for (let i = 0; i < 4; i++) await atEdge.write(new Uint8Array(1000))
    const reader = atService[Symbol.asyncIterator]()
    expect(atEdge.bytesAcked).toBe(0)
    let taken = 0
    while (taken < 4000) taken += ((await reader.next()).value as Uint8Array).length
    await until(() => atEdge.bytesAcked === 4000)
  })

  it('a writer waits when nobody reads, and its buffer is its own again after each write', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    const chunk = new Uint8Array(50_000)
    let written = 0
    let waits = 0
    const writing = (async () => {
      for (let i = 0; i < 60; i++) {
        chunk.fill(i)
        waits++
        await atEdge.write(chunk)
        written++
      }
      await atEdge.closeWrite()
    })()
    let last = -1
    while (last !== written || waits === written) {
      last = written
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(written).toBeLessThan(30)
    let total = 0
    for await (const part of atService) {
      for (const byte of [part[0]!, part.at(-1)!]) expect(byte).toBeLessThan(60)
      expect(part[0]).toBe(Math.floor(total / 50_000))
      total += part.length
    }
    expect(total).toBe(3_000_000)
    await writing
  })

  it('many writes without await keep their order', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    const writes = Array.from({ length: 300 }, (_, i) => atEdge.write(`${i}:${'x'.repeat(5000)},`))
    const ended = atEdge.closeWrite()
    const text = await readAll(atService)
    await Promise.all([...writes, ended])
    expect(text.split(',').map((part) => Number.parseInt(part))).toEqual([...Array(300).keys(), Number.NaN])
  })

  it('write gives up with CANCELLED and leaves no listener', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    const controller = new AbortController()
    const added = vi.spyOn(controller.signal, 'addEventListener')
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    const { signal } = controller
    await atEdge.write('first,', { signal })
    const filling = expect(atEdge.write(new Uint8Array(4_000_000), { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    const queued = expect(atEdge.write('never', { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    const last = atEdge.write('last')
    controller.abort()
    await filling
    await queued
    const reading = readAll(atService)
    await last
    await atEdge.closeWrite()
    const text = await reading
    expect(text.startsWith('first,')).toBe(true)
    expect(text.endsWith('last')).toBe(true)
    expect(removed.mock.calls.length).toBe(added.mock.calls.length)
  })

  it('sink writes a source and half-closes; source reads; a source that throws resets', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    await atEdge.sink(['a', new Uint8Array([98]), 'c'])
    expect(await readAll(atService.source)).toBe('abc')
    const [again, other] = await openPair(pair)
    const failing = (async function* () {
      yield 'x'
      throw new Error('the disk is gone')
    })()
    await expect(again.sink(failing)).rejects.toThrow('the disk is gone')
    expect(await other.closed).toMatchObject({ code: 'STREAM_RESET', message: 'the disk is gone' })
  })

  it('writing after closeWrite or close is INVALID_ARGUMENT', async () => {
    await using pair = await connectPair()
    const [atEdge] = await openPair(pair)
    await atEdge.closeWrite()
    await atEdge.closeWrite()
    await expect(atEdge.write('x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('small chunks do not pin what they came in', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    for (let i = 0; i < 100; i++) void atEdge.write('0123456789')
    await atEdge.closeWrite()
    for await (const chunk of atService) expect(chunk.buffer.byteLength).toBeLessThanOrEqual(2 * chunk.length)
  })
})
