// Time budgets and cancelling.
import { encodeFrame, FrameType, NO_BUDGET, readBudgetMs } from '@frontier/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { channelPair, failure, linkChannels } from '../test/channel-pair.js'
import { resolveChannelOptions } from './channel-options.js'
import { Channel } from './channel.js'
import { DeadlineWheel, sharedDeadlineWheel } from './deadline-wheel.js'
import type { Message } from './message.js'
import type { Request } from './request.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(async () => {
  // Whatever a test left, the wheel must become empty and stop its timer.
  await vi.advanceTimersByTimeAsync(100)
  expect(sharedDeadlineWheel.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function hang(pair: { b: Channel }): Request[] {
  const requests: Request[] = []
  pair.b.setHandler('hang', (request) => {
    requests.push(request)
    return new Promise(() => undefined)
  })
  return requests
}

describe('a time budget', () => {
  it('ends a call that was sent with TIMEOUT, delivered maybe, never early', async () => {
    const pair = channelPair({ timeoutMs: 1000 })
    hang(pair)
    let isOver = false
    const call = failure(pair.a.call({ method: 'hang' })).finally(() => (isOver = true))
    await vi.advanceTimersByTimeAsync(999)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(60)
    expect(await call).toMatchObject({ code: 'TIMEOUT', delivered: 'maybe', retryable: true })
    expect(pair.a.pending).toBe(0)
  })

  it('aborts the handler, which knew the deadline', async () => {
    const pair = channelPair()
    const requests = hang(pair)
    const start = Date.now()
    const call = failure(pair.a.call({ method: 'hang' }, { timeoutMs: 500 }))
    await vi.advanceTimersByTimeAsync(0)
    expect(requests[0]!.deadline!.getTime() - start).toBeGreaterThanOrEqual(500)
    expect(requests[0]!.deadline!.getTime() - start).toBeLessThanOrEqual(502)
    const { signal } = requests[0]!
    expect(signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(600)
    await call
    expect(signal.reason).toMatchObject({ code: 'TIMEOUT' })
    expect(pair.b.serving).toBe(0)
  })

  it('may be minutes, and Infinity is none', async () => {
    const pair = channelPair()
    const requests = hang(pair)
    const minutes = failure(pair.a.call({ method: 'hang' }, { timeoutMs: 1_800_000 }))
    const forever = failure(pair.a.call({ method: 'hang' }, { timeoutMs: Infinity }))
    await vi.advanceTimersByTimeAsync(1_799_000)
    expect(pair.a.pending).toBe(2)
    await vi.advanceTimersByTimeAsync(2000)
    expect((await minutes).code).toBe('TIMEOUT')
    expect(pair.a.pending).toBe(1)
    expect(requests[1]!.deadline).toBeUndefined()
    expect(requests[1]!.signal.aborted).toBe(false)
    pair.a.close(await minutes)
    pair.b.close(await minutes)
    await forever
  })

  it.each([
    [0.4, 1],
    [1, 1],
    [2 ** 32 - 2, 2 ** 32 - 2],
    [2 ** 32 - 1, NO_BUDGET],
    [2 ** 40, NO_BUDGET],
    [Infinity, NO_BUDGET],
  ])('of %d ms goes out as %d', async (timeoutMs, budgetMs) => {
    const { a, b, toB } = channelPair()
    b.setHandler('m', () => undefined)
    await a.call({ method: 'm' }, { timeoutMs })
    expect(readBudgetMs(toB.sent[0]!, 0)).toBe(budgetMs)
  })

  it('goes on while a request waits for the link: UNAVAILABLE, surely not delivered', async () => {
    const a = new Channel(resolveChannelOptions())
    const call = failure(a.call({ method: 'm' }, { timeoutMs: 200 }))
    const published = failure(a.publish({ topic: 't', data: 'x' }, { timeoutMs: 200, delivery: 'at-most-once' }))
    await vi.advanceTimersByTimeAsync(250)
    expect(await call).toMatchObject({ code: 'UNAVAILABLE', delivered: 'no' })
    expect(await published).toMatchObject({ code: 'UNAVAILABLE', delivered: 'no' })
    expect(a.pending).toBe(0)
  })

  it('leaves only what is left to a request that waited', async () => {
    const a = new Channel(resolveChannelOptions())
    const b = new Channel(resolveChannelOptions())
    b.setHandler('m', () => undefined)
    const call = a.call({ method: 'm' }, { timeoutMs: 10_000 })
    await vi.advanceTimersByTimeAsync(4000)
    const { toB } = linkChannels(a, b)
    await call
    expect(readBudgetMs(toB.sent[0]!, 0)).toBe(6000)
  })

  it('goes on while a request waits for its turn: TIMEOUT, surely not delivered', async () => {
    const pair = channelPair({ maxInFlight: 1 })
    hang(pair)
    const sent = failure(pair.a.call({ method: 'hang' }))
    const waits = failure(pair.a.call({ method: 'hang' }, { timeoutMs: 200 }))
    await vi.advanceTimersByTimeAsync(250)
    expect(await waits).toMatchObject({ code: 'TIMEOUT', delivered: 'no' })
    await vi.advanceTimersByTimeAsync(31_000)
    await sent
  })

  it('that was used up on the way is answered TIMEOUT without a run', async () => {
    const { b, toA, attachmentB } = channelPair()
    const handler = vi.fn()
    b.setHandler('m', handler)
    const frame = encodeFrame({ type: FrameType.CALL, id: 5, key: 'm', budgetMs: 0 })
    attachmentB.onFrame(frame, 0, frame.length)
    expect(handler).not.toHaveBeenCalled()
    expect(toA.framesOf(FrameType.ANSWER)).toHaveLength(1)
  })

  it('ends a message nobody settles, with or without a consumer', async () => {
    const { a, b } = channelPair()
    const early = failure(a.publish({ topic: 't', data: 'nobody' }, { timeoutMs: 100 }))
    await vi.advanceTimersByTimeAsync(150)
    expect(await early).toMatchObject({ code: 'TIMEOUT', delivered: 'maybe' })
    const taken: Message[] = []
    const iterator = b.messages()
    const next = iterator.next()
    const late = failure(a.publish({ topic: 't', data: 'kept' }, { timeoutMs: 100 }))
    taken.push((await next).value as Message)
    expect(taken[0]!.text()).toBe('kept') // the one whose time was up is not handed out
    await vi.advanceTimersByTimeAsync(150)
    expect((await late).code).toBe('TIMEOUT')
    taken[0]!.done() // has no effect any more
    expect([a.pending, b.serving]).toEqual([0, 0])
  })

  it('is measured on a clock that can be given', async () => {
    let now = 0
    const runs: (() => void)[] = []
    const wheel = new DeadlineWheel({ now: () => now, every: (_, run) => (runs.push(run), () => undefined) })
    const a = new Channel(resolveChannelOptions({ wheel }))
    const call = failure(a.call({ method: 'm' }, { timeoutMs: 50 }))
    now = 100
    runs[0]!()
    expect((await call).code).toBe('UNAVAILABLE')
  })
})

describe('an AbortSignal', () => {
  it('ends a call at once and tells the handler; the late answer is ignored', async () => {
    const pair = channelPair()
    const requests: Request[] = []
    let answer = (_: string): void => undefined
    pair.b.setHandler('m', (request) => {
      requests.push(request)
      return new Promise((resolve) => (answer = resolve))
    })
    const controller = new AbortController()
    const remove = vi.spyOn(controller.signal, 'removeEventListener')
    const call = failure(pair.a.call({ method: 'm' }, { signal: controller.signal }))
    await vi.advanceTimersByTimeAsync(0)
    const { signal } = requests[0]!
    controller.abort(new Error('enough'))
    expect(pair.a.pending).toBe(0)
    const error = await call
    expect(error).toMatchObject({ code: 'CANCELLED', delivered: 'maybe', origin: 'local' })
    expect(error.cause).toMatchObject({ message: 'enough' })
    await vi.advanceTimersByTimeAsync(0)
    expect(signal.reason).toMatchObject({ code: 'CANCELLED' })
    expect(remove).toHaveBeenCalledTimes(1)
    answer('late')
    await vi.advanceTimersByTimeAsync(0)
    // The gateway's place is freed by one answer, not two.
    expect(pair.toA.framesOf(FrameType.ANSWER)).toHaveLength(1)
    expect(pair.b.serving).toBe(0)
  })

  it('that is aborted already sends nothing', async () => {
    const { a, toB } = channelPair()
    expect(await failure(a.call({ method: 'm' }, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'CANCELLED', delivered: 'no' })
    expect(toB.sent).toHaveLength(0)
  })

  it('ends a request that waits, which the other side never hears of', async () => {
    const { a, b, toB } = channelPair({ maxInFlight: 1 })
    b.setHandler('m', async () => 'x')
    const controller = new AbortController()
    const first = a.call({ method: 'm' })
    const waits = failure(a.call({ method: 'm' }, { signal: controller.signal }))
    controller.abort()
    expect(await waits).toMatchObject({ code: 'CANCELLED', delivered: 'no' })
    await first
    expect(toB.types()).toEqual([FrameType.CALL])
  })

  it('is listened to only while the call lasts', async () => {
    const { a, b } = channelPair()
    b.setHandler('m', () => 'x')
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const remove = vi.spyOn(signal, 'removeEventListener')
    await Promise.all(Array.from({ length: 20 }, () => a.call({ method: 'm' }, { signal })))
    await failure(a.call({ method: 'none' }, { signal }))
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length)
  })

  it('withdraws a message nobody has taken', async () => {
    const { a, b } = channelPair()
    const controller = new AbortController()
    const publish = failure(a.publish({ topic: 't', data: 'x' }, { signal: controller.signal }))
    await vi.advanceTimersByTimeAsync(0)
    expect(b.serving).toBe(1)
    controller.abort()
    expect((await publish).code).toBe('CANCELLED')
    await vi.advanceTimersByTimeAsync(0)
    expect(b.serving).toBe(0)
    const handler = vi.fn()
    b.onMessage(handler)
    expect(handler).not.toHaveBeenCalled()
  })
})

describe('idle', () => {
  it('resolves when nothing is in flight in either direction', async () => {
    const pair = channelPair()
    await pair.a.idle()
    let release = (): void => undefined
    pair.b.setHandler('m', () => new Promise<void>((resolve) => (release = resolve)))
    const call = pair.a.call({ method: 'm' })
    await vi.advanceTimersByTimeAsync(0)
    const idle = Promise.all([pair.a.idle(), pair.b.idle(), pair.attachmentA.idle(), pair.attachmentB.idle()])
    let isIdle = false
    void idle.then(() => (isIdle = true))
    await vi.advanceTimersByTimeAsync(100)
    expect(isIdle).toBe(false)
    release()
    await call
    await idle
  })

  it('rejects TIMEOUT when that takes too long', async () => {
    const pair = channelPair()
    hang(pair)
    const call = failure(pair.a.call({ method: 'hang' }, { timeoutMs: 1000 }))
    const idle = failure(pair.a.idle({ timeoutMs: 100 }))
    await vi.advanceTimersByTimeAsync(150)
    expect((await idle).code).toBe('TIMEOUT')
    await vi.advanceTimersByTimeAsync(1000)
    await call
  })
})
