// sdk-api.md: openStream, streams(), onStream, listStreams, and Stream: bytes, half-close, reset, close.
import { getEventListeners } from 'node:events'
import { FrontierError, type Stream } from '@frontier/edge'
import { describe, expect, it } from 'vitest'
import { delayProxy } from '../support/delay-proxy.js'
import { deferred } from '../support/deferred.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { digest, payload, sha256 } from '../support/payload.js'
import { readAll, readNext, streamPair } from '../support/stream-pair.js'
import { startGateway } from '../support/test-gateway.js'
import { trio } from '../support/trio.js'

const reader = (stream: Stream): AsyncIterator<Uint8Array> => stream[Symbol.asyncIterator]()

describe('opening', () => {
  it('edge to service name, service to edge id: both ends know who they are with', async () => {
    await using gateway = await startGateway()
    const taken: Stream[] = []
    const onStream = (stream: Stream): void => void taken.push(stream)
    const service = await gateway.service({ name: 's', onStream })
    const edge = await gateway.edge({ id: 2n ** 63n + 3n, onStream })
    const up = await edge.openStream('s', { meta: 'ä' })
    const down = await service.openStream(edge.id, { meta: new Uint8Array([1, 255]) })
    await eventually('both are taken', () => taken.length === 2)
    for (const stream of [up, down, ...taken]) expect(stream).toMatchObject({ edgeId: edge.id, service: 's' })
    expect([up.meta, taken[0]!.meta].map((meta) => Buffer.from(meta).toString())).toEqual(['ä', 'ä'])
    expect([...down.meta, ...taken[1]!.meta]).toEqual([1, 255, 1, 255])
    expect(typeof up.id).toBe('number')
    expect(edge.listStreams().map(({ id }) => id)).toEqual([up.id, taken[1]!.id])
    expect(service.listStreams()).toHaveLength(2)
    expect(service.listStreams()).toContain(down)
    await up.close()
    expect(edge.listStreams()).toEqual([taken[1]!])
  })

  it('without a consumer is STREAM_REFUSED, without a target who is missing', async () => {
    await using three = await trio({ service: { name: 's' } })
    const { edge, service } = three
    expect(await rejectionOf(edge.openStream('s'))).toMatchObject({ code: 'STREAM_REFUSED', origin: 'peer', delivered: 'no', retryable: false })
    expect(await rejectionOf(service.openStream(edge.id))).toMatchObject({ code: 'STREAM_REFUSED', origin: 'peer' })
    expect(await rejectionOf(edge.openStream('nobody'))).toMatchObject({ code: 'SERVICE_NOT_ONLINE', origin: 'gateway', delivered: 'no', retryable: true })
    expect(await rejectionOf(service.openStream(404))).toMatchObject({ code: 'EDGE_NOT_ONLINE', origin: 'gateway' })
    expect((await rejectionOf(edge.openStream(''))).code).toBe('INVALID_ARGUMENT')
    expect((await rejectionOf(edge.openStream('s', { timeoutMs: 0 }))).code).toBe('INVALID_ARGUMENT')
    expect((await rejectionOf(edge.openStream('s', { meta: new Uint8Array(300_000) }))).code).toBe('PAYLOAD_TOO_LARGE')
  })

  it('is decided by accept, whose throw refuses with its code', async () => {
    await using three = await trio({ service: { name: 's' } })
    const { edge, service } = three
    const infos: unknown[] = []
    const handled: Stream[] = []
    let verdict: () => void | Promise<void> = () => undefined
    service.onStream((stream) => void handled.push(stream), {
      accept(info) {
        infos.push(info)
        return verdict()
      },
    })
    await edge.openStream('s', { meta: 'm' })
    expect(infos[0]).toMatchObject({ edgeId: edge.id, service: 's' })
    expect(Buffer.from((infos[0] as Stream).meta).toString()).toBe('m')
    verdict = () => {
      throw new FrontierError('PERMISSION_DENIED', 'members only')
    }
    expect(await rejectionOf(edge.openStream('s'))).toMatchObject({ code: 'PERMISSION_DENIED', message: 'PERMISSION_DENIED: members only', origin: 'peer' })
    verdict = async () => {
      throw new Error('not today')
    }
    expect(await rejectionOf(edge.openStream('s'))).toMatchObject({ code: 'STREAM_REFUSED', message: 'STREAM_REFUSED: not today', origin: 'peer' })
    const gate = deferred()
    verdict = () => gate.promise
    let isOpen = false
    const opening = edge.openStream('s').finally(() => (isOpen = true))
    await eventually('it is asked', () => infos.length === 4)
    await rejectionOf(edge.call('none'))
    expect(isOpen).toBe(false)
    gate.resolve()
    await opening
    expect(handled).toHaveLength(2)
  })

  it('can be given up: deadline, signal, and no listener is left', async () => {
    await using three = await trio({ service: { name: 's' } })
    const { edge, service } = three
    let asked = 0
    service.onStream(() => undefined, { accept: () => (asked++, new Promise<void>(() => undefined)) })
    expect(await rejectionOf(edge.openStream('s', { timeoutMs: 40 }))).toMatchObject({ code: 'TIMEOUT' })
    const cancel = new AbortController()
    const opening = rejectionOf(edge.openStream('s', { signal: cancel.signal }))
    await eventually('it is asked', () => asked === 2)
    cancel.abort()
    expect((await opening).code).toBe('CANCELLED')
    expect(getEventListeners(cancel.signal, 'abort')).toHaveLength(0)
    expect(edge.listStreams()).toEqual([])
  })
})

describe('one consumer of streams', () => {
  it('this or onStream; a second is INVALID_ARGUMENT until the first has gone', async () => {
    await using three = await trio({ service: { name: 's' } })
    const { edge, service } = three
    for (const end of [edge, service]) {
      const first = end.onStream(() => undefined)
      expect(() => end.onStream(() => undefined)).toThrow(/^INVALID_ARGUMENT/)
      expect(() => end.streams()).toThrow(/^INVALID_ARGUMENT/)
      first[Symbol.dispose]()
      const iterator = end.streams()[Symbol.asyncIterator]()
      expect(() => end.onStream(() => undefined)).toThrow(/^INVALID_ARGUMENT/)
      await iterator.return!()
    }
    expect((await rejectionOf(edge.openStream('s'))).code).toBe('STREAM_REFUSED')
  })

  it('streams() ends when the end is closed', async () => {
    await using three = await trio()
    const iterating = (async () => {
      for await (const _ of three.edge.streams());
      return 'ended'
    })()
    await three.edge.close()
    expect(await iterating).toBe('ended')
  })

  it('a handler that throws resets the stream; its return does not close it', async () => {
    await using three = await trio({ service: { name: 's' } })
    const { edge, service } = three
    const plays: ((stream: Stream) => void | Promise<void>)[] = []
    service.onStream((stream) => plays.shift()!(stream))
    for (const play of [
      () => {
        throw new Error('boom')
      },
      async () => {
        throw new Error('boom')
      },
    ]) {
      plays.push(play)
      const stream = await edge.openStream('s')
      expect(await readNext(reader(stream))).toBe('STREAM_RESET')
      expect(await stream.closed).toMatchObject({ code: 'STREAM_RESET', message: 'boom', error: { code: 'STREAM_RESET' } })
    }
    const taken = deferred<Stream>()
    plays.push((stream) => taken.resolve(stream))
    const stream = await edge.openStream('s')
    const far = await taken.promise
    await far.write('after the handler returned')
    expect(await readNext(reader(stream))).toBe('after the handler returned')
  })
})

describe('bytes', () => {
  it('go both ways in order, strings as UTF-8', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const parts = [payload(1, 1), payload(70_000, 2), payload(300_000, 3), payload(5, 4)]
    const send = async (stream: Stream): Promise<void> => {
      for (const part of parts) await stream.write(part)
      await stream.write('ä')
      await stream.write('')
      await stream.closeWrite()
    }
    const expected = Buffer.concat([...parts, Buffer.from('ä')])
    const [, , atFar, atNear] = await Promise.all([send(near), send(far), readAll(far), readAll(near.source)])
    expect(Buffer.compare(atFar, expected)).toBe(0)
    expect(Buffer.compare(atNear, expected)).toBe(0)
    expect([await near.closed, await far.closed].map(({ code }) => code)).toEqual(['CLOSED', 'CLOSED'])
  })

  it('concurrent writes keep the order they were asked in', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const all = Array.from({ length: 100 }, (_, i) => `${i},`.repeat(1000))
    await Promise.all([...all.map((text) => near.write(text)), near.closeWrite(), readAll(far).then((got) => expect(got.toString()).toBe(all.join('')))])
  })

  it('received never change afterwards, and a written buffer is ours when write settles', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const kept: Uint8Array[] = []
    const before: Buffer[] = []
    const reading = (async () => {
      for await (const chunk of far) {
        kept.push(chunk)
        before.push(Buffer.from(chunk))
      }
    })()
    const buffer = new Uint8Array(40_000)
    const hashes: string[] = []
    for (let round = 0; round < 200; round++) {
      const length = round % 3 === 0 ? 64 : 40_000
      buffer.set(payload(length, round + 1))
      hashes.push(sha256(buffer.slice(0, length)))
      await near.write(buffer.subarray(0, length))
      buffer.fill(0xaa)
    }
    await near.closeWrite()
    await reading
    expect(kept.every((chunk, i) => Buffer.compare(chunk, before[i]!) === 0)).toBe(true)
    const all = Buffer.concat(kept)
    let at = 0
    for (const [round, hash] of hashes.entries()) {
      const length = round % 3 === 0 ? 64 : 40_000
      expect(sha256(all.subarray(at, at + length))).toBe(hash)
      at += length
    }
    for (const chunk of kept) expect(chunk.buffer.byteLength).toBeLessThanOrEqual(Math.max(8192, 4 * chunk.length))
  })

  it('write waits when nobody reads, and can be given up', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const chunk = payload(65_536)
    const cancel = new AbortController()
    let written = 0
    const writing = (async () => {
      for (;;) {
        await near.write(chunk, { signal: cancel.signal })
        written += chunk.length
      }
    })()
    let seen = -1
    // Stands still: nothing was written over some turns through the same link.
    await eventually('it waits', async () => {
      const before = written
      for (let i = 0; i < 5; i++) await rejectionOf(pair.edge.call('none'))
      seen = written
      return seen === before && seen > 0
    })
    expect(seen).toBeLessThan(16 * 1024 * 1024)
    expect(near.bytesAcked).toBe(0)
    cancel.abort()
    expect(await rejectionOf(writing)).toMatchObject({ code: 'CANCELLED', origin: 'local' })
    expect(getEventListeners(cancel.signal, 'abort')).toHaveLength(0)
    // What had left stays sent, and the stream goes on behind it.
    const rest = readAll(far)
    await near.closeWrite()
    expect((await rest).length).toBeGreaterThanOrEqual(written)
  })

  it.each([40_000, 100_000, 300_000, 500_000])('both ends write %i bytes before they read, and call meanwhile', async (length) => {
    await using pair = await streamPair()
    const { near, far } = pair
    const data = payload(length)
    const calls = new AbortController()
    const calling = (async () => {
      while (!calls.signal.aborted) await rejectionOf(pair.edge.call('none'))
    })()
    for (let round = 0; round < 5; round++) {
      await Promise.all([near.write(data), far.write(data)])
      for (const stream of [near, far]) {
        const chunks = reader(stream)
        let bytes = 0
        while (bytes < length) bytes += ((await chunks.next()).value as Uint8Array).length
        expect(bytes).toBe(length)
      }
    }
    calls.abort()
    await calling
  })

  it('bytesAcked is exactly what the other end has taken', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    expect(near.bytesAcked).toBe(0)
    await near.write(payload(1000))
    await near.write(payload(200_000))
    await rejectionOf(pair.edge.call('none'))
    expect(near.bytesAcked).toBe(0)
    const chunks = reader(far)
    let taken = 0
    while (taken < 201_000) taken += ((await chunks.next()).value as Uint8Array).length
    await eventually('all is acknowledged', () => near.bytesAcked === 201_000)
    await near.write('xyz')
    expect(near.bytesAcked).toBe(201_000)
    await chunks.next()
    await eventually('these, too', () => near.bytesAcked === 201_003)
    // Calls and messages beside it are no bytes of the stream.
    await far.register('m', () => 'x')
    await near.call('m', payload(1000))
    expect([near.bytesAcked, far.bytesAcked]).toEqual([201_003, 0])
  })

  it('32 MiB arrive as they left', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const block = payload(1_048_576)
    const sink = near.sink(
      (async function* () {
        for (let i = 0; i < 32; i++) yield block
      })(),
    )
    const [got] = await Promise.all([digest(far), sink])
    expect(got.bytes).toBe(32 * 1_048_576)
    expect(got.sha256).toBe(sha256(Buffer.concat(Array.from({ length: 32 }, () => block))))
    await eventually('all is acknowledged', () => near.bytesAcked === got.bytes)
  })
})

describe('closeWrite', () => {
  it('leaves the other direction open, and calls; both close the stream', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    await far.register('m', ({ data }) => data)
    await near.register('m', ({ data }) => data)
    await near.write('last')
    await near.closeWrite()
    await near.closeWrite()
    const atFar = reader(far)
    expect([await readNext(atFar), await readNext(atFar), await readNext(atFar)]).toEqual(['last', 'end', 'end'])
    expect(await rejectionOf(near.write('more'))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect((await near.call('m', 'still')).text()).toBe('still')
    expect((await far.call('m', 'still')).text()).toBe('still')
    await far.write('answer')
    const atNear = reader(near)
    expect(await readNext(atNear)).toBe('answer')
    expect(pair.edge.listStreams()).toEqual([near])
    await far.closeWrite()
    expect(await readNext(atNear)).toBe('end')
    expect([(await near.closed).code, (await far.closed).code]).toEqual(['CLOSED', 'CLOSED'])
    expect(pair.edge.listStreams()).toEqual([])
    await Promise.all([near.close(), near.closeWrite(), far.close()])
  })

  it('on both sides waits for calls that are not answered', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const gate = deferred()
    await far.register('m', async () => {
      await gate.promise
      return 'late'
    })
    const call = near.call('m')
    await Promise.all([near.closeWrite(), far.closeWrite()])
    await rejectionOf(pair.edge.call('none'))
    gate.resolve()
    expect((await call).text()).toBe('late')
    expect((await far.closed).code).toBe('CLOSED')
  })
})

describe('reset', () => {
  it('ends both directions now; the peer reads and writes fail with STREAM_RESET', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const reading = readNext(reader(far))
    near.reset(new Error('enough'))
    near.reset()
    expect(await reading).toBe('STREAM_RESET')
    expect(await rejectionOf(far.write('x'))).toMatchObject({ code: 'STREAM_RESET', message: 'STREAM_RESET: enough', origin: 'peer', retryable: false })
    expect(await rejectionOf(far.call('m'))).toMatchObject({ code: 'STREAM_RESET' })
    expect(await far.closed).toMatchObject({ code: 'STREAM_RESET', message: 'enough', error: { code: 'STREAM_RESET', origin: 'peer' } })
    expect(await rejectionOf(near.write('x'))).toMatchObject({ code: 'STREAM_RESET', origin: 'local' })
    expect(await readNext(reader(near))).toBe('STREAM_RESET')
    expect(await near.closed).toMatchObject({ code: 'STREAM_RESET', message: 'enough' })
    expect([pair.edge.listStreams(), await eventually('it is gone', () => (pair.service.listStreams().length === 0 ? [] : false))]).toEqual([[], []])
    expect([pair.edge.state, pair.service.state]).toEqual(['online', 'online'])
  })

  it('frees a writer that waits', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const writing = rejectionOf(near.write(new Uint8Array(32 * 1024 * 1024)))
    await near.register('m', () => 'x')
    far.reset()
    expect((await writing).code).toBe('STREAM_RESET')
  })

  it('is what leaving a for await does', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    await near.write('x')
    for await (const _ of far) break
    expect((await near.closed).code).toBe('STREAM_RESET')
  })
})

describe('close', () => {
  it('sends what was written, then ends both directions', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const data = payload(3_000_000)
    const reading = readAll(far)
    await near.write(data)
    await near.close()
    await Promise.all([near.close(), near[Symbol.asyncDispose]()])
    expect(Buffer.compare(await reading, data)).toBe(0)
    expect([(await near.closed).code, (await far.closed).code]).toEqual(['CLOSED', 'CLOSED'])
    expect((await rejectionOf(far.write('x'))).code).toBe('EOF')
    expect(['INVALID_ARGUMENT', 'EOF']).toContain((await rejectionOf(near.write('x'))).code)
    expect((await rejectionOf(near.call('m'))).code).toBe('EOF')
  })

  it('is what await using does', async () => {
    await using pair = await streamPair()
    {
      await using stream = pair.near
      await stream.write('bye')
    }
    const chunks = reader(pair.far)
    expect([await readNext(chunks), await readNext(chunks)]).toEqual(['bye', 'end'])
  })

  it('and a link that goes is EOF on both sides, after what had come', async () => {
    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 0)
    const service = await gateway.service({ name: 's' })
    const incoming = service.streams()[Symbol.asyncIterator]()
    const edge = await gateway.edge({}, proxy.address)
    const near = await edge.openStream('s')
    const far = (await incoming.next()).value as Stream
    await near.write('before')
    await eventually('it is there', () => proxy.forwardedBytes.toTarget > 0)
    const atFar = reader(far)
    expect(await readNext(atFar)).toBe('before')
    proxy.cut('reset')
    expect(await readNext(atFar)).toBe('EOF')
    expect(await readNext(reader(near))).toBe('EOF')
    expect((await rejectionOf(near.write('x'))).code).toBe('EOF')
    expect(await near.closed).toMatchObject({ code: 'EOF', error: { code: 'EOF' } })
    expect(await far.closed).toMatchObject({ code: 'EOF', error: { code: 'EOF' } })
  })
})
