// sdk-api.md: a Stream as an it-pipe duplex, as a node:stream Duplex and behind a net.Server-like acceptor; calls and messages on it.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, connect, type AddressInfo } from 'node:net'
import { Duplex, PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FrontierError, json, type Message, type Stream } from '@frontier/edge'
import { listen, toDuplex } from '@frontier/transport'
import { describe, expect, it } from 'vitest'
import { deferred } from '../support/deferred.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { payload, sha256 } from '../support/payload.js'
import { readAll, readNext, streamPair } from '../support/stream-pair.js'
import { trio } from '../support/trio.js'

describe('as an it-pipe duplex', () => {
  it('source and sink fit together: an echo by sink(source)', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const echoing = far.sink(far.source)
    const data = payload(500_000)
    const [, back] = await Promise.all([near.sink([data, 'ä']), readAll(near.source), echoing])
    expect(Buffer.compare(back, Buffer.concat([data, Buffer.from('ä')]))).toBe(0)
    expect([(await near.closed).code, (await far.closed).code]).toEqual(['CLOSED', 'CLOSED'])
  })

  it('sink takes async sources, and half-closes behind them', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    await near.sink(
      (async function* () {
        yield 'a'
        yield new Uint8Array([98])
      })(),
    )
    expect((await readAll(far)).toString()).toBe('ab')
    await far.write('still open')
    expect(await readNext(near[Symbol.asyncIterator]())).toBe('still open')
  })

  it('a source that throws resets the stream, and sink rejects with what it threw', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const sinking = near.sink(
      (async function* () {
        yield 'a'
        throw new Error('the disk is gone')
      })(),
    )
    expect(await rejectionOf(sinking)).toMatchObject({ message: 'the disk is gone' })
    expect(await far.closed).toMatchObject({ code: 'STREAM_RESET', message: 'the disk is gone' })
  })

  it('sink rejects when the other end resets, and lets go of its source', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const returned = deferred()
    const sinking = near.sink(
      (async function* () {
        try {
          for (;;) {
            yield payload(10_000)
            await new Promise((resolve) => setImmediate(resolve))
          }
        } finally {
          returned.resolve()
        }
      })(),
    )
    far.reset()
    expect((await rejectionOf(sinking)).code).toBe('STREAM_RESET')
    await returned.promise
  })
})

describe('calls and messages on a stream', () => {
  it('go straight to the other end, both ways, past all routing', async () => {
    await using pair = await streamPair({ edge: { methods: { m: () => 'the edge' } }, service: { methods: { m: () => 'the service' } } })
    const { near, far, edge } = pair
    await near.register('m', ({ method, edgeId }) => `near ${method} ${edgeId}`)
    await far.register('m', async (request) => ({ data: json(request.json()), meta: request.meta }))
    expect((await far.call('m')).text()).toBe(`near m ${edge.id}`)
    const reply = await near.call('m', json({ big: 'x'.repeat(200_000) }), { meta: 'meta' })
    expect(reply.json<{ big: string }>().big).toHaveLength(200_000)
    expect(Buffer.from(reply.meta).toString()).toBe('meta')
    expect((await edge.call('m')).text()).toBe('the service')
    expect(await rejectionOf(near.call('other'))).toMatchObject({ code: 'RPC_NOT_ONLINE', delivered: 'no' })
  })

  it('register twice is INVALID_ARGUMENT, disposing gives it back', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const registration = await far.register('m', () => 'x')
    expect((await rejectionOf(far.register('m', () => 'y'))).code).toBe('INVALID_ARGUMENT')
    expect((await near.call('m')).text()).toBe('x')
    registration[Symbol.dispose]()
    expect((await rejectionOf(near.call('m'))).code).toBe('RPC_NOT_ONLINE')
    await far.register('m', () => 'again')
    expect((await near.call('m')).text()).toBe('again')
  })

  it('what a handler throws, its deadline and its signal are as on the link', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    await far.register('code', () => {
      throw new FrontierError('RECORD_NOT_FOUND', 'no row')
    })
    await far.register('throw', () => {
      throw new TypeError('boom')
    })
    const signals: AbortSignal[] = []
    await far.register('never', ({ signal }) => (signals.push(signal), new Promise(() => undefined)))
    expect(await rejectionOf(near.call('code'))).toMatchObject({ code: 'RECORD_NOT_FOUND', message: 'RECORD_NOT_FOUND: no row', origin: 'peer' })
    expect(await rejectionOf(near.call('throw'))).toMatchObject({ code: 'REMOTE_ERROR', message: 'REMOTE_ERROR: boom', origin: 'peer' })
    expect(await rejectionOf(near.call('never', '', { timeoutMs: 40 }))).toMatchObject({ code: 'TIMEOUT', delivered: 'maybe' })
    const cancel = new AbortController()
    const call = rejectionOf(near.call('never', '', { signal: cancel.signal }))
    await eventually('it is served', () => signals.length === 2)
    cancel.abort()
    expect((await call).code).toBe('CANCELLED')
    const lost = rejectionOf(near.call('never'))
    await eventually('it is served', () => signals.length === 3)
    near.reset()
    expect((await lost).code).toBe('STREAM_RESET')
    await eventually('all abort', () => signals.every(({ aborted }) => aborted))
  })

  it('messages are acked, in order, one consumer', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    const heard: string[] = []
    const consumer = far.onMessage((message) => {
      heard.push(`${message.topic}:${message.text()}`)
      if (message.text() === 'bad') message.fail('no')
    })
    expect(() => far.messages()).toThrow(/^INVALID_ARGUMENT/)
    const results = await Promise.allSettled(['a', 'bad', 'c'].map((text) => near.publish('t', text)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(heard).toEqual(['t:a', 't:bad', 't:c'])
    consumer[Symbol.dispose]()
    const messages = far.messages()[Symbol.asyncIterator]()
    await near.publish('u', 'fire', { delivery: 'at-most-once' })
    const { value } = await messages.next()
    expect((value as Message).topic).toBe('u')
    expect(await rejectionOf(near.publish('v', 'x', { timeoutMs: 40 }))).toMatchObject({ code: 'TIMEOUT' })
    near.reset()
    await far.closed
    // What waits can still be looked at, then it is over.
    for (let next = await messages.next(); next.done !== true; next = await messages.next());
  })

  it('do not wait for raw bytes that came behind them, and those keep their order', async () => {
    await using pair = await streamPair()
    const { near, far } = pair
    await far.register('m', () => 'answer')
    const writing = (async () => {
      for (let i = 0; i < 50; i++) await near.write(`${i};`)
    })()
    const replies = await Promise.all(Array.from({ length: 20 }, () => near.call('m')))
    await writing
    await near.closeWrite()
    expect(replies.every((reply) => reply.text() === 'answer')).toBe(true)
    expect((await readAll(far)).toString()).toBe(Array.from({ length: 50 }, (_, i) => `${i};`).join(''))
  })
})

describe('toDuplex', () => {
  it('goes through pipeline in both directions, with back-pressure', async () => {
    await using pair = await streamPair()
    const near = toDuplex(pair.near)
    const far = toDuplex(pair.far)
    expect(near).toBeInstanceOf(Duplex)
    const data = payload(5_000_000)
    const chunks = (function* () {
      for (let at = 0; at < data.length; at += 50_000) yield data.subarray(at, at + 50_000)
    })()
    const hash = createHash('sha256')
    await Promise.all([
      pipeline(far, new PassThrough(), far),
      pipeline(Readable.from(chunks), near),
      pipeline(near, async (source) => {
        for await (const chunk of source) hash.update(chunk as Uint8Array)
      }),
    ])
    expect(sha256(hash)).toBe(sha256(data))
    expect([(await pair.near.closed).code, (await pair.far.closed).code]).toEqual(['CLOSED', 'CLOSED'])
  })

  it('end() half-closes: what comes afterwards is read', async () => {
    await using pair = await streamPair()
    const near = toDuplex(pair.near)
    near.end('question')
    expect((await readAll(pair.far)).toString()).toBe('question')
    await pair.far.write('answer')
    await pair.far.closeWrite()
    expect((await readAll(near)).toString()).toBe('answer')
    await once(near, 'close')
  })

  it('destroy resets, an error of the stream is its error', async () => {
    await using pair = await streamPair()
    const near = toDuplex(pair.near)
    const failed = once(near, 'error')
    near.resume()
    pair.far.reset(new Error('enough'))
    expect(((await failed) as [FrontierError])[0]).toMatchObject({ code: 'STREAM_RESET', message: 'STREAM_RESET: enough' })
    await using other = await streamPair()
    const duplex = toDuplex(other.near)
    duplex.on('error', () => undefined)
    duplex.destroy(new Error('mine'))
    expect(await other.far.closed).toMatchObject({ code: 'STREAM_RESET', message: 'mine' })
  })
})

describe('listen(end)', () => {
  it('hands out streams as a net.Server hands out sockets', async () => {
    await using three = await trio({ service: { name: 's' } })
    const { edge, service } = three
    const server = listen(service)
    expect(server.listening).toBe(true)
    const seen: Stream[] = []
    server.on('connection', (duplex, stream) => {
      seen.push(stream)
      // As with sockets: a link that goes is an 'error'.
      duplex.on('error', () => undefined).pipe(duplex)
    })
    const stream = await edge.openStream('s', { meta: 'who' })
    await stream.write('echo')
    await stream.closeWrite()
    expect((await readAll(stream)).toString()).toBe('echo')
    expect(Buffer.from(seen[0]!.meta).toString()).toBe('who')
    const open = await edge.openStream('s')
    const closed = once(server, 'close')
    server.close()
    server.close()
    await closed
    expect(server.listening).toBe(false)
    expect((await rejectionOf(edge.openStream('s'))).code).toBe('STREAM_REFUSED')
    // Those that are open live on.
    await open.write('x')
    expect(await readNext(open[Symbol.asyncIterator]())).toBe('x')
  })

  it('is a consumer as any other, and closes with its end', async () => {
    await using three = await trio()
    const server = listen(three.edge)
    expect(() => three.edge.onStream(() => undefined)).toThrow(/^INVALID_ARGUMENT/)
    const closed = once(server, 'close')
    await three.edge.close()
    await closed
  })

  it('makes a TCP tunnel in a few lines', async () => {
    await using three = await trio({ service: { name: 's' } })
    const { edge, service } = three
    // Behind the edge: a TCP server that shouts. In front of the service: a port for anybody.
    const shouter = createServer((socket) => {
      socket.on('data', (data) => socket.write(data.toString().toUpperCase()))
      socket.on('end', () => socket.end())
    }).listen(0, '127.0.0.1')
    await once(shouter, 'listening')
    listen(edge).on('connection', (duplex) => {
      const socket = connect((shouter.address() as AddressInfo).port, '127.0.0.1')
      pipeline(duplex, socket, duplex).catch(() => undefined)
    })
    const port = createServer({ allowHalfOpen: true }, (socket) => {
      void service.openStream(edge.id).then((stream) => pipeline(socket, toDuplex(stream), socket).catch(() => undefined))
    }).listen(0, '127.0.0.1')
    await once(port, 'listening')
    const client = connect({ port: (port.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
    client.end('whisper')
    expect((await readAll(client)).toString()).toBe('WHISPER')
    port.close()
    shouter.close()
  })
})
