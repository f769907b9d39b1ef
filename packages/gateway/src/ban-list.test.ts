import { describe, expect, it } from 'vitest'
import { BanList } from './ban-list.js'

const terms = (until?: number) => ({ reason: 'r', by: 'me', since: 0, until })
const listOf = (now: () => number) => new BanList<bigint>((id) => `edge ${id}`, now)

describe('BanList', () => {
  it('keeps an edge out until its moment, or until it is taken back', () => {
    let now = 1_000
    const bans = listOf(() => now)
    bans.add(2n, terms(2_000))
    bans.add(1n, terms())
    expect(bans.list().map(([edgeId]) => edgeId)).toEqual([1n, 2n])
    expect(() => bans.check(2n)).toThrow('PERMISSION_DENIED: edge 2 is banned until 1970-01-01T00:00:02.000Z: r')
    bans.check(3n)
    now = 2_000
    bans.check(2n)
    expect(bans.remove(2n)).toBe(false)
    expect(() => bans.check(1n)).toThrow('edge 1 is banned: r')
    expect(bans.remove(1n)).toBe(true)
    bans.check(1n)
    expect(bans.list()).toEqual([])
  })

  it('a newer ban replaces the older one', () => {
    const bans = listOf(() => 0)
    bans.add(1n, terms(10))
    bans.add(1n, { ...terms(), reason: 'other' })
    expect(bans.list()).toMatchObject([[1n, { reason: 'other', until: undefined }]])
  })

  it('does not grow without end', () => {
    let now = 0
    const bans = listOf(() => now)
    for (let id = 1n; id <= 10_000n; id++) bans.add(id, terms(10))
    expect(() => bans.add(200_000n, terms())).toThrow('RATE_LIMITED')
    bans.add(5n, terms())
    now = 10
    bans.add(200_000n, terms())
    expect(bans.size).toBe(2)
  })
})
