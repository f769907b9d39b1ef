import { describe, expect, it } from 'vitest'
import { BanList } from './ban-list.js'

const ban = (edgeId: bigint, until?: number) => ({ edgeId, reason: 'r', by: 'me', since: 0, until })

describe('BanList', () => {
  it('keeps an edge out until its moment, or until it is taken back', () => {
    let now = 1_000
    const bans = new BanList(() => now)
    bans.add(ban(2n, 2_000))
    bans.add(ban(1n))
    expect(bans.list().map(({ edgeId }) => edgeId)).toEqual([1n, 2n])
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
    const bans = new BanList(() => 0)
    bans.add(ban(1n, 10))
    bans.add({ ...ban(1n), reason: 'other' })
    expect(bans.list()).toMatchObject([{ reason: 'other', until: undefined }])
  })

  it('does not grow without end', () => {
    let now = 0
    const bans = new BanList(() => now)
    for (let id = 1n; id <= 100_000n; id++) bans.add(ban(id, 10))
    expect(() => bans.add(ban(200_000n))).toThrow('RATE_LIMITED')
    bans.add(ban(5n))
    now = 10
    bans.add(ban(200_000n))
    expect(bans.list()).toHaveLength(2)
  })
})
