import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { describe, expect, it } from 'vitest'

import { listen, toDuplex, type StreamLike } from '../src/index.js'
import { until } from './recorder.js'

/** A stream that is connected to itself or to another one, with what was done to it. */
class FakeStream implements StreamLike {
  readonly log: string[] = []
  readonly inbox = new PassThrough()
  peer: FakeStream = this
  writeError: Error | undefined
  hold: Promise<void> | undefined

  constructor() {
    this.inbox.on('error', () => undefined) // a reset that nobody reads
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.inbox) yield chunk as Uint8Array
  }
  async write(chunk: Uint8Array): Promise<void> {
    await this.hold
    if (this.writeError) throw this.writeError
    this.peer.inbox.write(Buffer.from(chunk))
  }
  async closeWrite(): Promise<void> {
    this.log.push('closeWrite')
    this.peer.inbox.end()
  }
  reset(reason?: Error): void {
    this.log.push(`reset ${reason?.message ?? ''}`.trim())
    this.inbox.destroy(new Error('the stream was reset'))
  }
  async close(): Promise<void> {
    this.log.push('close')
  }
}

function pair(): [FakeStream, FakeStream] {
  const ends: [FakeStream, FakeStream] = [new FakeStream(), new FakeStream()]
  ends[0].peer = ends[1]
  ends[1].peer = ends[0]
  return ends
}

describe('toDuplex', () => {
  it('carries bytes both ways and closes the stream when both directions have ended', async () => {
    const [near, far] = pair()
    const duplex = toDuplex(near)
    const other = toDuplex(far)
    const sent = Buffer.alloc(500_000, 'frontier')
    const echoed = pipeline(other, other)
    const chunks: Buffer[] = []
    duplex.on('data', (chunk: Buffer) => chunks.push(chunk))
    duplex.end(sent)
    await once(duplex, 'close')
    await echoed
    expect(Buffer.concat(chunks).equals(sent)).toBe(true)
    expect(near.log).toEqual(['closeWrite', 'close'])
  })

  it('end is a half-close: the other direction goes on', async () => {
    const [near, far] = pair()
    const duplex = toDuplex(near)
    duplex.end('question')
    await once(duplex, 'finish')
    far.peer.inbox.end('answer')
    const answer: Buffer[] = []
    for await (const chunk of duplex) answer.push(chunk as Buffer)
    expect(Buffer.concat(answer).toString()).toBe('answer')
    expect(far.inbox.read().toString()).toBe('question')
  })

  it('destroy resets, with the reason', async () => {
    const [near] = pair()
    const duplex = toDuplex(near)
    const failure = once(duplex, 'error')
    duplex.destroy(new Error('enough'))
    expect(await failure).toMatchObject([{ message: 'enough' }])
    expect(near.log).toEqual(['reset enough'])
  })

  it('a failing write, and a reset by the peer, are errors of the duplex', async () => {
    const [near] = pair()
    near.writeError = new Error('STREAM_RESET')
    const writing = toDuplex(near)
    writing.write('x')
    expect(await once(writing, 'error')).toMatchObject([{ message: 'STREAM_RESET' }])
    const [other] = pair()
    const reading = toDuplex(other)
    reading.resume()
    other.reset()
    expect(await once(reading, 'error')).toMatchObject([{ message: 'the stream was reset' }])
  })

  it('holds the writer back while the stream has no room', async () => {
    const [near] = pair()
    let release: () => void = () => undefined
    near.hold = new Promise((resolve) => (release = resolve))
    const duplex = toDuplex(near)
    while (duplex.write(Buffer.alloc(10_000)));
    let isDrained = false
    duplex.on('drain', () => (isDrained = true))
    expect(duplex.writableNeedDrain).toBe(true)
    release()
    await until(() => isDrained)
    duplex.destroy()
  })
})

describe('listen(end)', () => {
  const createEnd = () => {
    let handler: ((stream: FakeStream) => void) | undefined
    let isDisposed = false
    let close: () => void = () => undefined
    const closed = new Promise<void>((resolve) => (close = resolve))
    const end = {
      closed,
      onStream(given: (stream: FakeStream) => void): Disposable {
        handler = given
        return { [Symbol.dispose]: () => void (isDisposed = true) }
      },
    }
    return { end, open: (stream: FakeStream) => handler!(stream), isDisposed: () => isDisposed, close: () => close() }
  }

  it('hands out streams as connections, with the stream beside', async () => {
    const { end, open } = createEnd()
    const server = listen(end)
    server.on('connection', (duplex, stream) => {
      expect(stream).toBe(near)
      duplex.end('welcome')
    })
    const [near, far] = pair()
    open(near)
    await until(() => far.inbox.readableLength === 7)
    server.close()
  })

  it('close gives up the place of the consumer, once', async () => {
    const { end, isDisposed } = createEnd()
    const server = listen(end)
    let closes = 0
    server.on('close', () => closes++)
    server.close().close()
    await until(() => closes > 0)
    expect([closes, isDisposed(), server.listening]).toEqual([1, true, false])
  })

  it('closes when the end closes', async () => {
    const { end, close } = createEnd()
    const server = listen(end)
    close()
    await once(server, 'close')
  })

  it('a stream that nobody listens for is reset', () => {
    const { end, open } = createEnd()
    const server = listen(end)
    const [near] = pair()
    open(near)
    expect(near.log).toEqual(['reset nobody listens for connections'])
    server.close()
  })
})
