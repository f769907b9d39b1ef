import { FrameType, FrontierError, encodeFrame, json } from '@frontier/wire'
import { describe, expect, it, vi } from 'vitest'
import { channelPair, failure, linkLost, linkChannels, patternBytes } from '../test/channel-pair.js'
import { resolveChannelOptions } from './channel-options.js'
import { Channel } from './channel.js'
import type { Request } from './request.js'

describe('a call', () => {
  it('carries data and meta both ways', async () => {
    const { a, b } = channelPair()
    b.setHandler('echo', (request) => ({ data: request.data, meta: `${request.text()}-meta:${new TextDecoder().decode(request.meta)}` }))
    const reply = await a.call({ method: 'echo', data: 'häl' }, { meta: 'm' })
    expect(reply.text()).toBe('häl')
    expect(new TextDecoder().decode(reply.meta)).toBe('häl-meta:m')
    expect(a.pending + b.serving).toBe(0)
  })

  it('of no name is INVALID_ARGUMENT, while a message may have no topic', async () => {
    const { a, b } = channelPair()
    await expect(a.call({ method: '' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', origin: 'local', delivered: 'no' })
    expect(a.pending).toBe(0)
    b.onMessage(() => undefined)
    await a.publish({ topic: '', data: 'x' })
  })

  it('goes from either side, many at once', async () => {
    const { a, b } = channelPair()
    for (const side of [a, b]) side.setHandler('square', (request) => json(request.json<number>() ** 2))
    const squares = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => (await (i % 2 === 0 ? a : b).call({ method: 'square', data: json(i) })).json<number>()),
    )
    expect(squares).toEqual(Array.from({ length: 200 }, (_, i) => i * i))
  })

  it('answers out of order when handlers take different times', async () => {
    const { a, b } = channelPair()
    let release = (): void => undefined
    b.setHandler('slow', () => new Promise<void>((resolve) => (release = resolve)))
    b.setHandler('fast', async () => 'now')
    const slow = a.call({ method: 'slow' })
    expect((await a.call({ method: 'fast' })).text()).toBe('now')
    expect([a.pending, b.serving]).toEqual([1, 1])
    release()
    expect((await slow).data).toHaveLength(0)
  })

  it.each([
    ['nothing', () => undefined, ''],
    ['null', () => null as never, ''],
    ['text', () => 'text', 'text'],
    ['bytes', () => Uint8Array.of(104, 105), 'hi'],
    ['data without meta', () => ({ data: 'd' }), 'd'],
    ['meta without data', () => ({ meta: 'm' }), ''],
    ['a promise of text', async () => 'later', 'later'],
  ])('takes %s from a handler', async (_, handler, text) => {
    const { a, b } = channelPair()
    b.setHandler('m', handler)
    expect((await a.call({ method: 'm' })).text()).toBe(text)
  })

  it.each([[42], [{ data: 7 }], [{ meta: [] }], [true]])('is REMOTE_ERROR when a handler returns %j', async (value) => {
    const { a, b } = channelPair()
    b.setHandler('m', () => value as never)
    const error = await failure(a.call({ method: 'm' }))
    expect(error).toMatchObject({ code: 'REMOTE_ERROR', origin: 'peer', delivered: 'maybe' })
  })

  it('is copied when sent: the buffer is free once it settles, and received bytes pin no chunk', async () => {
    const { a, b } = channelPair()
    const received: Request[] = []
    b.setHandler('keep', (request) => void received.push(request))
    const data = patternBytes(64)
    const promise = a.call({ method: 'keep', data })
    data.fill(0) // after the frame was made
    await promise
    expect(received[0]!.data).toEqual(patternBytes(64))
    expect(received[0]!.data.buffer.byteLength).toBe(64)
  })

  it('names the edge: its own id at an edge, else the peer of the frame', async () => {
    const { a, b } = channelPair()
    b.setHandler('who', (request) => json({ id: String(request.edgeId), method: request.method }))
    expect((await a.call({ method: 'who', peer: 0xffff_ffff_ffff_fff0n })).json()).toEqual({ id: '18446744073709551600', method: 'who' })
    b.selfId = 77n
    expect((await a.call({ method: 'who', peer: 5n })).json()).toEqual({ id: '77', method: 'who' })
  })
})

describe('a call that fails', () => {
  it('without a handler is RPC_NOT_ONLINE, and surely did not run', async () => {
    const { a, b } = channelPair()
    b.setHandler('gone', () => 'x')
    b.removeHandler('gone')
    expect(await failure(a.call({ method: 'gone' }))).toMatchObject({ code: 'RPC_NOT_ONLINE', delivered: 'no', origin: 'peer', retryable: true })
  })

  it('reaches the caller with code and message of a FrontierError', async () => {
    const { a, b } = channelPair()
    b.setHandler('m', async () => {
      throw new FrontierError('PERMISSION_DENIED', 'not you')
    })
    const error = await failure(a.call({ method: 'm' }))
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', message: 'PERMISSION_DENIED: not you', origin: 'peer', delivered: 'maybe' })
  })

  it.each([
    ['an Error', new RangeError('off by one'), 'off by one'],
    ['text', 'just text', 'just text'],
    ['anything else', { secret: 1 }, 'the handler threw something that is not an Error'],
  ])('is REMOTE_ERROR with the message only when a handler throws %s', async (_, thrown, text) => {
    const { a, b } = channelPair()
    b.setHandler('m', () => {
      throw thrown
    })
    const error = await failure(a.call({ method: 'm' }))
    expect(error).toMatchObject({ code: 'REMOTE_ERROR', message: `REMOTE_ERROR: ${text}`, retryable: false, delivered: 'maybe' })
    expect(error.cause).toBeUndefined()
  })

  it.each([
    ['a name that is no text', { method: 5 as never }, {}],
    ['a name of 1,025 bytes', { method: 'x'.repeat(1025) }, {}],
    ['data that are no bytes', { method: 'm', data: 5 as never }, {}],
    ['meta that are no bytes', { method: 'm' }, { meta: {} as never }],
    ['a time budget of 0', { method: 'm' }, { timeoutMs: 0 }],
    ['a time budget that is no number', { method: 'm' }, { timeoutMs: Number.NaN }],
  ])('rejects %s with INVALID_ARGUMENT', async (_, call, options) => {
    const { a } = channelPair()
    expect((await failure(a.call(call, options))).code).toBe('INVALID_ARGUMENT')
    expect(a.pending).toBe(0)
  })

  it('above the limit of bytes is PAYLOAD_TOO_LARGE with both numbers, before anything is sent', async () => {
    const { a, b, toB } = channelPair({}, { maxPayloadBytes: 1000 })
    b.setHandler('m', (request) => String(request.data.length))
    const error = await failure(a.call({ method: 'm', data: new Uint8Array(1000) }))
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', delivered: 'no', origin: 'local' })
    expect(error.message).toMatch(/1001.*1000/)
    expect(toB.sent).toHaveLength(0)
    expect((await a.call({ method: 'm', data: new Uint8Array(999) })).text()).toBe('999')
  })

  it('says PAYLOAD_TOO_LARGE when the answer is above the limit', async () => {
    const { a, b } = channelPair({}, { maxPayloadBytes: 1000 })
    b.setHandler('m', () => new Uint8Array(1001))
    expect(await failure(a.call({ method: 'm' }))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', origin: 'peer', delivered: 'maybe' })
  })

  it('is EOF with delivered maybe when the link goes, and handlers hear of it', async () => {
    const { a, b, attachmentA, attachmentB } = channelPair()
    let request: Request | undefined
    b.setHandler('hang', (received) => {
      request = received
      return new Promise(() => undefined)
    })
    const call = failure(a.call({ method: 'hang' }))
    await vi.waitFor(() => expect(request).toBeDefined())
    attachmentB.detach(linkLost())
    attachmentA.detach(linkLost())
    expect(await call).toMatchObject({ code: 'EOF', delivered: 'maybe' })
    expect(request!.signal.aborted).toBe(true)
    expect(request!.signal.reason).toMatchObject({ code: 'EOF' })
    expect([a.pending, b.serving]).toEqual([0, 0])
  })
})

describe('without a link', () => {
  it('requests wait in order and go out when it comes', async () => {
    const a = new Channel(resolveChannelOptions())
    const b = new Channel(resolveChannelOptions())
    const seen: string[] = []
    b.setHandler('m', (request) => void seen.push(`call ${request.text()}`))
    b.onMessage((message) => void seen.push(`message ${message.text()}`))
    const all: Promise<unknown>[] = []
    for (let i = 0; i < 5; i++) {
      all.push(a.call({ method: 'm', data: String(i) }), a.publish({ topic: 't', data: String(i) }))
    }
    expect(a.isAttached).toBe(false)
    expect(a.pending).toBe(10)
    linkChannels(a, b)
    await Promise.all(all)
    expect(seen).toEqual([0, 1, 2, 3, 4].flatMap((i) => [`call ${i}`, `message ${i}`]))
  })

  it('what was never sent survives the loss of a link', async () => {
    const pair = channelPair({}, { maxInFlight: 1 })
    const { a, b } = pair
    pair.toB.isFrozen = true
    b.setHandler('m', (request) => request.data)
    const first = failure(a.call({ method: 'm', data: '1' }))
    const second = a.call({ method: 'm', data: '2' })
    a.detach(linkLost())
    b.detach(linkLost())
    expect(await first).toMatchObject({ code: 'EOF', delivered: 'maybe' })
    linkChannels(a, b)
    expect((await second).text()).toBe('2')
  })

  it('checks a request that waited against the limit of the link it got', async () => {
    const a = new Channel(resolveChannelOptions())
    const call = failure(a.call({ method: 'm', data: new Uint8Array(2000) }))
    linkChannels(a, new Channel(resolveChannelOptions()), { maxPayloadBytes: 1000 })
    expect(await call).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', delivered: 'no' })
    expect(a.pending).toBe(0)
  })
})

describe('close', () => {
  it('fails what waits and what was sent, and everything later', async () => {
    const { a, b } = channelPair({}, { maxInFlight: 1 })
    b.setHandler('hang', () => new Promise(() => undefined))
    const sent = failure(a.call({ method: 'hang' }))
    const waits = failure(a.publish({ topic: 't', data: 'x' }))
    a.close(new FrontierError('EOF', 'closed'))
    a.close(new FrontierError('EOF', 'again'))
    expect(await sent).toMatchObject({ message: 'EOF: closed', delivered: 'maybe' })
    expect(await waits).toMatchObject({ message: 'EOF: closed', delivered: 'no' })
    expect(await failure(a.call({ method: 'm' }))).toMatchObject({ message: 'EOF: closed', delivered: 'no' })
    expect(() => linkChannels(a, b)).toThrow('closed')
    expect(a.pending).toBe(0)
  })
})

describe('setHandler', () => {
  it('refuses the same name twice, and what is no function', () => {
    const { a } = channelPair()
    a.setHandler('m', () => undefined)
    expect(() => a.setHandler('m', () => undefined)).toThrow('INVALID_ARGUMENT')
    expect(() => a.setHandler('n', 5 as never)).toThrow('INVALID_ARGUMENT')
    expect(() => a.setHandler('x'.repeat(2000), () => undefined)).toThrow('INVALID_ARGUMENT')
  })
})

describe('request', () => {
  it('sends another type and is answered by ANSWER', async () => {
    const { a, toB, attachmentA } = channelPair()
    const answer = a.request({ type: FrameType.REGISTER, key: 'name' })
    const { id } = toB.framesOf(FrameType.REGISTER)[0]!
    const frame = encodeFrame({ type: FrameType.ANSWER, id })
    expect(attachmentA.onFrame(frame, 0, frame.length)).toBe(true)
    expect((await answer).data).toHaveLength(0)
  })
})

describe('onFrame', () => {
  it('leaves frames alone that are none of a channel', () => {
    const { a, attachmentA } = channelPair()
    const frame = encodeFrame({ type: FrameType.PING })
    expect(attachmentA.onFrame(frame, 0, frame.length)).toBe(false)
    a.detach(linkLost())
    const late = encodeFrame({ type: FrameType.CALL, key: 'm' })
    expect(attachmentA.onFrame(late, 0, late.length)).toBe(true)
    expect(a.onFrame(late, 0, late.length)).toBe(true)
    expect(a.onFrame(frame, 0, frame.length)).toBe(false)
  })
})
