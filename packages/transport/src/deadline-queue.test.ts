import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { DeadlineQueue } from './deadline-queue.js'

describe('DeadlineQueue', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  const create = () => {
    const expired: object[] = []
    return { expired, queue: new DeadlineQueue<object>(1_000, (item) => void expired.push(item)) }
  }

  it('expires items in order, each after its own wait, with one timer', () => {
    const { expired, queue } = create()
    const [first, second, third] = [{}, {}, {}]
    queue.add(first)
    vi.advanceTimersByTime(600)
    queue.add(second)
    queue.add(third)
    expect(vi.getTimerCount()).toBe(1)
    expect(queue.oldest).toBe(first)
    vi.advanceTimersByTime(400)
    expect(expired).toEqual([first])
    expect(queue.size).toBe(2)
    vi.advanceTimersByTime(599)
    expect(expired).toHaveLength(1)
    vi.advanceTimersByTime(2)
    expect(expired).toEqual([first, second, third])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves out what was deleted', () => {
    const { expired, queue } = create()
    const item = {}
    queue.add(item)
    expect(queue.delete(item)).toBe(true)
    expect(queue.delete(item)).toBe(false)
    vi.advanceTimersByTime(2_000)
    expect(expired).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('clear hands back what waits and stops the timer', () => {
    const { queue } = create()
    queue.add({})
    expect(queue.clear()).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
