import { describe, expect, it } from 'vitest'
import { RequestIds } from './request-ids.js'

describe('request ids', () => {
  it('count up, and pass over those in use', () => {
    const ids = new RequestIds()
    const inUse = new Set([2, 3])
    expect([ids.next(inUse), ids.next(inUse), ids.next(inUse)]).toEqual([1, 4, 5])
  })

  it('begin anew at 1 behind the largest', () => {
    const ids = new RequestIds(2 ** 32 - 2)
    const inUse = new Set([1])
    expect([ids.next(inUse), ids.next(inUse)]).toEqual([2 ** 32 - 1, 2])
  })
})
