import { describe, expect, it, vi } from 'vitest'
import { unwatchAbort, watchAbort } from './abort-watch.js'

describe('watching a signal', () => {
  it('puts one listener on it for all, and none when nobody watches', () => {
    const controller = new AbortController()
    const add = vi.spyOn(controller.signal, 'addEventListener')
    const remove = vi.spyOn(controller.signal, 'removeEventListener')
    const listeners = Array.from({ length: 100 }, () => ({ onAbort: vi.fn() }))
    for (const listener of listeners) watchAbort(controller.signal, listener)
    expect(add).toHaveBeenCalledTimes(1)
    for (const listener of listeners.slice(1)) unwatchAbort(controller.signal, listener)
    expect(remove).not.toHaveBeenCalled()
    unwatchAbort(controller.signal, listeners[0]!)
    unwatchAbort(controller.signal, listeners[0]!)
    expect(remove).toHaveBeenCalledTimes(1)
    controller.abort()
    for (const listener of listeners) expect(listener.onAbort).not.toHaveBeenCalled()
  })

  it('tells all, also when they take themselves off meanwhile', () => {
    const controller = new AbortController()
    const told: number[] = []
    const listeners = [1, 2, 3].map((n) => ({
      onAbort: (): void => {
        told.push(n)
        for (const listener of listeners) unwatchAbort(controller.signal, listener)
      },
    }))
    for (const listener of listeners) watchAbort(controller.signal, listener)
    controller.abort()
    expect(told).toEqual([1, 2, 3])
  })
})
