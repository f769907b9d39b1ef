import { parseAddress } from '@frontier/transport'
import { FrontierError } from '@frontier/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LinkSeeker } from './link-seeker.js'

const backoff = { initialDelayMs: 100, maxDelayMs: 15_000, factor: 2 }
const addresses = ['a', 'b', 'c'].map((name) => parseAddress(`memory://${name}`))

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.999_999)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function build(attempt: () => Promise<void>, isRepeated = true, from = addresses) {
  const host = { attempt: vi.fn(attempt), onRetrying: vi.fn(), onRoundFailed: vi.fn(), onGivenUp: vi.fn() }
  return { host, seeker: new LinkSeeker(from, isRepeated ? backoff : undefined, host) }
}

const away = async (): Promise<void> => {
  throw new FrontierError('UNAVAILABLE', 'away')
}

describe('LinkSeeker', () => {
  it('tries each address of a round once, then pauses, with longer pauses up to 15 s, for ever', async () => {
    const { host, seeker } = build(away)
    seeker.start(false)
    seeker.start(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(new Set(host.attempt.mock.calls.map(([address]: unknown[]) => (address as { name: string }).name))).toEqual(new Set(['a', 'b', 'c']))
    expect(host.attempt).toHaveBeenCalledTimes(3)
    await vi.advanceTimersByTimeAsync(300_000)
    const delays = host.onRetrying.mock.calls.map(([, delayMs]: unknown[]) => delayMs)
    expect(delays.slice(0, 9)).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 15_000])
    expect(delays.length).toBeGreaterThan(20)
    expect(host.onRetrying.mock.calls.map(([attempt]: unknown[]) => attempt).slice(0, 3)).toEqual([1, 2, 3])
    expect(host.onGivenUp).not.toHaveBeenCalled()
    seeker.stop()
    expect(seeker.isSeeking).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('pauses first after a loss', async () => {
    const { host, seeker } = build(async () => undefined)
    seeker.start(true)
    await vi.advanceTimersByTimeAsync(99)
    expect(host.attempt).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(host.attempt).toHaveBeenCalledTimes(1)
  })

  it('gives up at a final refusal, and after one round when attempts do not repeat', async () => {
    const refused = build(async () => {
      throw new FrontierError('UNAUTHENTICATED', 'who are you')
    })
    refused.seeker.start(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(refused.host.attempt).toHaveBeenCalledTimes(1)
    expect(refused.host.onGivenUp).toHaveBeenCalledWith(expect.objectContaining({ code: 'UNAUTHENTICATED' }))
    const once = build(away, false)
    once.seeker.start(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(once.host.attempt).toHaveBeenCalledTimes(3)
    expect(once.host.onGivenUp).toHaveBeenCalledWith(expect.objectContaining({ code: 'UNAVAILABLE' }))
  })

  it('does not begin the pauses anew for links that die at once', async () => {
    const { host, seeker } = build(async () => undefined, true, addresses.slice(0, 1))
    const delays = async (livedMs: number): Promise<number> => {
      seeker.found()
      seeker.noteLost(livedMs)
      seeker.start(true)
      await vi.advanceTimersByTimeAsync(15_000)
      return host.onRetrying.mock.lastCall![1] as number
    }
    expect([await delays(0), await delays(5), await delays(5), await delays(5)]).toEqual([100, 200, 400, 800])
    expect(await delays(60_000)).toBe(100)
  })
})
