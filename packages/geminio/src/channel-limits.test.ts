// How much may be in flight, and two links at once.
import { FrameType } from '@frontier/wire'
import { describe, expect, it, vi } from 'vitest'
import { channelPair, failure, linkChannels, linkLost } from '../test/channel-pair.js'
import { resolveChannelOptions } from './channel-options.js'
import { Channel } from './channel.js'

describe('maxInFlight', () => {
  it('lets as many again wait in order, and refuses more at once', async () => {
    const { a, b } = channelPair({ maxInFlight: 2 })
    const seen: string[] = []
    const release: (() => void)[] = []
    b.setHandler('m', (request) => {
      seen.push(request.text())
      return new Promise<void>((resolve) => void release.push(resolve))
    })
    const calls = ['1', '2', '3', '4'].map((data) => a.call({ method: 'm', data }))
    expect(await failure(a.call({ method: 'm', data: '5' }))).toMatchObject({ code: 'BUFFER_FULL', delivered: 'no', origin: 'local', retryable: true })
    await vi.waitFor(() => expect(seen).toEqual(['1', '2']))
    release[1]!()
    await calls[1]
    await vi.waitFor(() => expect(seen).toEqual(['1', '2', '3']))
    for (const index of [0, 2]) release[index]!()
    await vi.waitFor(() => expect(release).toHaveLength(4))
    release[3]!()
    await Promise.all(calls)
  })

  it('is the lesser of its own and what the other side takes', async () => {
    const { a, toB } = channelPair({ maxInFlight: 5 }, { maxInFlight: 1 })
    const calls = [1, 2, 3].map(() => failure(a.call({ method: 'm' })))
    expect(toB.sent).toHaveLength(1)
    expect((await calls[2]!).code).toBe('BUFFER_FULL')
    await Promise.all(calls)
  })

  it('toward one peer leaves the others their places', async () => {
    const { a, b } = channelPair({ maxInFlightPerPeer: 1 })
    let release = (): void => undefined
    b.setHandler('m', (request) => (request.edgeId === 1n ? new Promise<void>((resolve) => (release = resolve)) : undefined))
    const busy = [a.call({ method: 'm', peer: 1n }), a.call({ method: 'm', peer: 1n })]
    expect((await failure(a.call({ method: 'm', peer: 1n }))).code).toBe('BUFFER_FULL')
    await a.call({ method: 'm', peer: 2n })
    await vi.waitFor(() => expect(b.serving).toBe(1))
    release()
    await busy[0]
    await vi.waitFor(() => expect(b.serving).toBe(1))
    release()
    await busy[1]
  })

  it('is a courtesy to the receiver, which refuses what is beyond its own', async () => {
    const { a, b } = channelPair({ maxServing: 2 })
    const release: (() => void)[] = []
    b.setHandler('m', () => new Promise<void>((resolve) => void release.push(resolve)))
    const served = [a.call({ method: 'm' }), a.call({ method: 'm' })]
    expect(await failure(a.call({ method: 'm' }))).toMatchObject({ code: 'BUFFER_FULL', origin: 'peer', delivered: 'no' })
    for (const go of release) go()
    await Promise.all(served)
  })

  it('counts handlers that run on although nobody waits', async () => {
    const { a, b } = channelPair({ maxServing: 1 })
    let release = (): void => undefined
    b.setHandler('m', () => new Promise<void>((resolve) => (release = resolve)))
    const controller = new AbortController()
    const call = failure(a.call({ method: 'm' }, { signal: controller.signal }))
    await vi.waitFor(() => expect(b.serving).toBe(1))
    controller.abort()
    await call
    await vi.waitFor(() => expect(b.serving).toBe(0))
    expect((await failure(a.call({ method: 'm' }))).code).toBe('BUFFER_FULL')
    b.removeHandler('m')
    b.setHandler('m', () => undefined)
    release()
    await vi.waitFor(() => a.call({ method: 'm' }))
  })
})

describe('a second link', () => {
  it('gets the new requests, while the first serves what is in flight', async () => {
    const a = new Channel(resolveChannelOptions())
    const [old, next] = [new Channel(resolveChannelOptions()), new Channel(resolveChannelOptions())]
    let releaseOld = (): void => undefined
    old.setHandler('m', () => new Promise<string>((resolve) => (releaseOld = () => resolve('old'))))
    next.setHandler('m', () => 'new')
    let releaseServed = (): void => undefined
    a.setHandler('served', () => new Promise<string>((resolve) => (releaseServed = () => resolve('served'))))
    const first = linkChannels(a, old)
    const early = a.call({ method: 'm' })
    const inbound = old.call({ method: 'served' })
    await vi.waitFor(() => expect([first.attachmentA.pending, first.attachmentA.serving, old.serving]).toEqual([1, 1, 1]))
    const second = linkChannels(a, next)
    expect((await a.call({ method: 'm' })).text()).toBe('new')
    expect(second.attachmentA.pending).toBe(0)
    const idle = first.attachmentA.idle()
    releaseOld()
    releaseServed()
    expect((await early).text()).toBe('old')
    expect((await inbound).text()).toBe('served')
    await idle
    first.attachmentA.detach(linkLost())
    expect(a.isAttached).toBe(true)
    expect((await a.call({ method: 'm' })).text()).toBe('new')
  })

  it('takes what waited since the first one retired', async () => {
    const { a, b, attachmentA, toB } = channelPair()
    b.setHandler('m', () => 'x')
    attachmentA.retire()
    expect(a.isAttached).toBe(false)
    const call = a.call({ method: 'm' })
    expect(toB.sent).toHaveLength(0)
    linkChannels(a, b)
    expect((await call).text()).toBe('x')
  })

  it('fails only its own requests when it goes', async () => {
    const a = new Channel(resolveChannelOptions())
    const [one, two] = [new Channel(resolveChannelOptions()), new Channel(resolveChannelOptions())]
    const release: (() => void)[] = []
    for (const side of [one, two]) side.setHandler('m', () => new Promise<void>((resolve) => void release.push(resolve)))
    const first = linkChannels(a, one)
    const onFirst = a.call({ method: 'm' })
    linkChannels(a, two)
    const onSecond = failure(a.call({ method: 'm' }))
    await vi.waitFor(() => expect(release).toHaveLength(2))
    a.detach(linkLost())
    expect((await onSecond).code).toBe('EOF')
    release[0]!()
    await onFirst
    expect(first.toB.framesOf(FrameType.CALL)).toHaveLength(1)
    expect(a.pending).toBe(0)
  })
})

describe('options', () => {
  it.each([
    [{ timeoutMs: 0 }],
    [{ timeoutMs: '5' as never }],
    [{ maxPayloadBytes: 0 }],
    [{ maxInFlight: 1.5 }],
    [{ maxInFlightPerPeer: -1 }],
    [{ maxServing: Number.NaN }],
    [{ maxReceiveBytes: Infinity }],
  ])('%j are INVALID_ARGUMENT', (options) => {
    expect(() => resolveChannelOptions(options)).toThrow('INVALID_ARGUMENT')
  })

  it('have defaults', () => {
    expect(resolveChannelOptions()).toMatchObject({ timeoutMs: 30_000, maxPayloadBytes: 16_777_216, maxInFlight: 4096, maxServing: 65_536 })
  })
})
