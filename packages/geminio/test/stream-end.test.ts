import { afterEach, describe, expect, it, vi } from 'vitest'
import { until } from './ends.js'
import { connectPair, openPair, readAll } from './stream-pair.js'

describe('the end of a stream', () => {
  it('close sends what was written, then both ends are over', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    await atEdge.write('all of it')
    const reading = readAll(atService)
    await atEdge.close()
    expect(await reading).toBe('all of it')
    expect(await atEdge.closed).toEqual({ code: 'CLOSED', message: expect.any(String) })
    expect(await atService.closed).toMatchObject({ code: 'CLOSED' })
    await atEdge.close()
    await atEdge[Symbol.asyncDispose]()
    await expect(atService.write('too late')).rejects.toMatchObject({ code: 'EOF' })
  })

  it('close drops what nobody read, however much it is', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    const writing = atEdge.write(new Uint8Array(2_000_000)).catch((error: unknown) => error)
    await until(() => pair.gateway.links.length === 2)
    await atService.close()
    await writing
    expect(await atEdge.closed).toMatchObject({ code: 'CLOSED' })
  })

  it('reset fails reads and writes at both ends with STREAM_RESET and the reason', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    const reads = [atEdge, atService].map((stream) => stream[Symbol.asyncIterator]().next())
    const failures = reads.map((read) => expect(read).rejects.toMatchObject({ code: 'STREAM_RESET' }))
    const call = expect(atEdge.call('x')).rejects.toMatchObject({ code: 'STREAM_RESET' })
    atService.reset(new Error('changed my mind'))
    atService.reset()
    await Promise.all([...failures, call])
    expect(await atEdge.closed).toMatchObject({ code: 'STREAM_RESET', message: 'changed my mind', error: { origin: 'peer' } })
    expect(await atService.closed).toMatchObject({ code: 'STREAM_RESET', error: { origin: 'local' } })
    await expect(atEdge.write('x')).rejects.toMatchObject({ code: 'STREAM_RESET' })
    await expect(atService.write('x')).rejects.toMatchObject({ code: 'STREAM_RESET' })
  })

  it('breaking out of reading resets the stream, unless all was read', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    await atEdge.write('one')
    for await (const chunk of atService) {
      expect(chunk.length).toBe(3)
      break
    }
    expect(await atEdge.closed).toMatchObject({ code: 'STREAM_RESET', message: 'the reader stopped reading' })
    const [again, other] = await openPair(pair)
    await again.closeWrite()
    for await (const chunk of other) expect(chunk).toBeUndefined()
    await other.write('the other way still works')
    await other.closeWrite()
    expect(await readAll(again)).toBe('the other way still works')
  })

  it.each(['edge', 'service'] as const)('EOF at both ends when the link of the %s dies, after what had come before', async (side) => {
    await using pair = await connectPair({ reconnect: { initialDelayMs: 1, maxDelayMs: 5 } })
    const [atEdge, atService] = await openPair(pair)
    await atEdge.write('from the edge')
    await atService.write('from the service')
    const readers = [atEdge[Symbol.asyncIterator](), atService[Symbol.asyncIterator]()]
    const isEdge = side === 'edge'
    // Both have arrived when a call behind them has been answered.
    await expect(atEdge.call('x')).rejects.toMatchObject({ code: 'RPC_NOT_ONLINE' })
    await expect(atService.call('x')).rejects.toMatchObject({ code: 'RPC_NOT_ONLINE' })
    pair.gateway.links[isEdge ? 1 : 0]!.die()
    expect(await atEdge.closed).toMatchObject({ code: 'EOF' })
    expect(await atService.closed).toMatchObject({ code: 'EOF' })
    expect(new TextDecoder().decode((await readers[0]!.next()).value)).toBe('from the service')
    expect(new TextDecoder().decode((await readers[1]!.next()).value)).toBe('from the edge')
    for (const reader of readers) await expect(reader.next()).rejects.toMatchObject({ code: 'EOF' })
    await expect(atEdge.write('x')).rejects.toMatchObject({ code: 'EOF' })
    await until(() => pair.edge.state === 'online' && pair.service.state === 'online')
    expect([...pair.edge.listStreams(), ...pair.service.listStreams()]).toEqual([])
  })

  it('closing rejects when the link dies before all has left', async () => {
    await using pair = await connectPair()
    const [atEdge] = await openPair(pair)
    const writing = atEdge.write(new Uint8Array(4_000_000)).catch((error: unknown) => error)
    const closing = expect(atEdge.close()).rejects.toMatchObject({ code: 'EOF' })
    pair.gateway.links[1]!.die()
    await closing
    expect(await writing).toMatchObject({ code: 'EOF' })
  })

  it('an end that closes takes its streams along with EOF', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    await pair.edge.close()
    expect(await atEdge.closed).toMatchObject({ code: 'EOF' })
    expect(await atService.closed).toMatchObject({ code: 'EOF' })
  })

  it('draining waits for open streams, and lets their last frames out', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    const draining = pair.edge.drain()
    await atService.write('while draining')
    await atService.closeWrite()
    expect(await readAll(atEdge)).toBe('while draining')
    expect(pair.edge.state).toBe('draining')
    await atEdge.closeWrite()
    await draining
    expect(await atEdge.closed).toMatchObject({ code: 'CLOSED' })
    expect(await atService.closed).toMatchObject({ code: 'CLOSED' })
  })

  it('the answer to a close gets out although the end closes right behind it', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    const closing = atService.close()
    await atEdge.closed
    await pair.edge.close()
    await closing
    expect(await atService.closed).toMatchObject({ code: 'CLOSED' })
  })

  it('10,000 streams one after another leave nothing behind', async () => {
    await using pair = await connectPair()
    pair.service.onStream(async (stream) => {
      await stream.sink(stream.source)
    })
    for (let i = 0; i < 100; i++) {
      const streams = await Promise.all(Array.from({ length: 100 }, () => pair.edge.openStream('svc')))
      await Promise.all(
        streams.map(async (stream, n) => {
          await stream.write(`stream ${n}`)
          await stream.closeWrite()
          expect(await readAll(stream)).toBe(`stream ${n}`)
          await stream.closed
        }),
      )
    }
    await until(() => pair.service.listStreams().length === 0)
    expect(pair.edge.listStreams()).toEqual([])
  })
})

describe('closing towards an end that does not read', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('resolves when all has left, which the other end still reads, and its end', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    await atEdge.write(new Uint8Array(200_000))
    const closing = atEdge.write(new Uint8Array(200_000)).then(() => atEdge.close())
    await Promise.all([closing, atEdge.close()])
    expect(pair.edge.listStreams()).toEqual([])
    expect(pair.service.listStreams()).toEqual([atService])
    await expect(atEdge.write('x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(atEdge.call('x')).rejects.toMatchObject({ code: 'EOF' })
    expect((await readAll(atService)).length).toBe(400_000)
    expect([await atEdge.closed, await atService.closed]).toMatchObject([{ code: 'CLOSED' }, { code: 'CLOSED' }])
    await expect(atEdge.write('x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('cuts the stream off after 30 s, and the other end loses nothing', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await atEdge.write(new Uint8Array(300_000))
    await atEdge.close()
    await vi.advanceTimersByTimeAsync(29_000)
    expect(pair.service.listStreams()).toEqual([atService])
    await vi.advanceTimersByTimeAsync(1000)
    expect(await atEdge.closed).toMatchObject({ code: 'TIMEOUT' })
    expect(await atService.closed).toMatchObject({ code: 'CLOSED' })
    expect((await readAll(atService)).length).toBe(300_000)
    expect(pair.service.listStreams()).toEqual([])
    await atEdge.close()
    await expect(atEdge.write('x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('takes 5 s at most when `await using` does it, then the stream is reset', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const writing = expect(atEdge.write(new Uint8Array(4_000_000))).rejects.toMatchObject({ code: 'STREAM_RESET' })
    const disposing = expect(atEdge[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'TIMEOUT' })
    await vi.advanceTimersByTimeAsync(5000)
    await Promise.all([disposing, writing])
    expect([await atEdge.closed, await atService.closed]).toMatchObject([{ code: 'STREAM_RESET' }, { code: 'STREAM_RESET' }])
  })
})

describe('calls and messages on a stream', () => {
  it('reach the other end, past all routing, both ways, after half-close too', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    await atService.register('upper', (request) => {
      expect(request.edgeId).toBe(42n)
      return request.text().toUpperCase()
    })
    const registration = await atEdge.register('size', (request) => String(request.data.length))
    expect((await atEdge.call('upper', 'abc')).text()).toBe('ABC')
    await atEdge.closeWrite()
    expect((await atService.call('size', new Uint8Array(500_000))).text()).toBe('500000')
    await expect(atEdge.register('size', () => '')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    registration[Symbol.dispose]()
    await expect(atService.call('size')).rejects.toMatchObject({ code: 'RPC_NOT_ONLINE' })
    const got: string[] = []
    atService.onMessage((message) => void got.push(`${message.topic}=${message.text()}`))
    await atEdge.publish('t', 'hello')
    expect(got).toEqual(['t=hello'])
    expect((await atEdge.call('upper', 'still')).text()).toBe('STILL')
  })

  it('keep the stream open until they are answered, when both sides have half-closed', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    let answer: ((text: string) => void) | undefined
    await atService.register('slow', () => new Promise<string>((resolve) => (answer = resolve)))
    const call = atEdge.call('slow')
    await until(() => answer !== undefined)
    await atEdge.closeWrite()
    await atService.closeWrite()
    await until(() => pair.gateway.links.length === 2)
    answer!('at last')
    expect((await call).text()).toBe('at last')
    expect(await atEdge.closed).toMatchObject({ code: 'CLOSED' })
    expect(await atService.closed).toMatchObject({ code: 'CLOSED' })
  })

  it('do not overtake or hold up the raw bytes beside them', async () => {
    await using pair = await connectPair()
    const [atEdge, atService] = await openPair(pair)
    await atService.register('echo', (request) => request.data)
    const reading = readAll(atService)
    const writing = (async () => {
      for (let i = 0; i < 40; i++) await atEdge.write('y'.repeat(50_000))
      await atEdge.closeWrite()
    })()
    const replies = await Promise.all(Array.from({ length: 50 }, (_, i) => atEdge.call('echo', 'z'.repeat(i * 1000))))
    expect(replies.map((reply) => reply.data.length)).toEqual(Array.from({ length: 50 }, (_, i) => i * 1000))
    await writing
    expect((await reading).length).toBe(2_000_000)
  })
})
