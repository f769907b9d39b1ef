import { FrontierError } from '@frontier/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { delay, Wait, within } from './wait.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('Wait', () => {
  it('settles once and leaves neither timer nor listener', async () => {
    const controller = new AbortController()
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    const wait = new Wait<number>({ timeoutMs: 1000, signal: controller.signal })
    const settled = vi.fn()
    wait.onSettled = settled
    wait.resolve(1)
    wait.resolve(2)
    wait.reject(new Error('late'))
    controller.abort()
    expect(await wait.promise).toBe(1)
    expect(settled).toHaveBeenCalledTimes(1)
    expect(removed).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('rejects TIMEOUT, or what it was told, at the deadline', async () => {
    const plain = expect(new Wait({ timeoutMs: 10 }).promise).rejects.toMatchObject({ code: 'TIMEOUT' })
    const own = new Wait({ timeoutMs: 10 }, () => new FrontierError('UNAVAILABLE', 'no link'))
    const told = expect(own.promise).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    vi.advanceTimersByTime(10)
    await plain
    await told
  })

  it('rejects CANCELLED with the reason as its cause, at once when the signal had aborted before', async () => {
    const reason = new Error('enough')
    const wait = new Wait({ signal: AbortSignal.abort(reason), timeoutMs: 1000 })
    expect(wait.isSettled).toBe(true)
    await expect(wait.promise).rejects.toMatchObject({ code: 'CANCELLED', cause: reason })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('takes a time that no timer can as no limit', () => {
    const wait = new Wait({ timeoutMs: 1e12 })
    vi.advanceTimersByTime(1000)
    expect(wait.isSettled).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('delay and within', () => {
  it('delay leaves no timer when it is cut short', async () => {
    const controller = new AbortController()
    const pause = expect(delay(1000, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
    controller.abort()
    await pause
    await expect(delay(1000, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(vi.getTimerCount()).toBe(0)
    const whole = delay(1000, new AbortController().signal)
    vi.advanceTimersByTime(1000)
    await whole
  })

  it('within passes the result on, or stops waiting', async () => {
    expect(await within(Promise.resolve(5), { timeoutMs: 10 })).toBe(5)
    await expect(within(Promise.reject(new Error('no')), {})).rejects.toThrow('no')
    const never = expect(within(new Promise(() => undefined), { timeoutMs: 10 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    vi.advanceTimersByTime(10)
    await never
    expect(vi.getTimerCount()).toBe(0)
  })
})
