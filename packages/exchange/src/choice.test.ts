import { idHigh, idLow } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { chooseTaker, hashKeyOf, rendezvous } from './choice.js'
import { hashId } from './id-table.js'
import type { Peer } from './peer.js'
import { RouteTable } from './route-table.js'

function taker(id: bigint): Peer {
  return { id, seed: hashId(idHigh(id), idLow(id)), lastRouteVersion: 0 } as unknown as Peer
}

function edge(id: bigint, address = '10.0.0.1:1', hashBy: 'edgeid' | 'srcip' = 'edgeid'): Peer {
  const halves = { idHigh: idHigh(id), idLow: idLow(id), address }
  return { id, ...halves, hashKey: hashKeyOf(halves, hashBy), lastRouteVersion: 0 } as unknown as Peer
}

const edges = Array.from({ length: 20_000 }, (_, at) => edge(BigInt(at) * 7n + 1n))
const takers = [101n, 102n, 0xffff_ffff_0000_0000n, 104n, 105n].map(taker)

describe('rendezvous', () => {
  it('has nobody to choose among none, and no choice with one', () => {
    expect(rendezvous([], 5)).toBeUndefined()
    expect(rendezvous([takers[0]!], 5)).toBe(takers[0])
  })

  it('gives everybody about the same share', () => {
    const counts = new Map<Peer, number>()
    for (const { hashKey } of edges) {
      const chosen = rendezvous(takers, hashKey)!
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
    }
    for (const each of takers) expect(counts.get(each)).toBeGreaterThan(3600)
    for (const each of takers) expect(counts.get(each)).toBeLessThan(4400)
  })

  it('moves only the share of the taker that leaves or comes', () => {
    const rest = takers.filter((_, at) => at !== 2)
    for (const { hashKey } of edges) {
      const before = rendezvous(takers, hashKey)
      const after = rendezvous(rest, hashKey)
      if (before !== takers[2]) expect(after).toBe(before)
      else expect(rest).toContain(after)
    }
  })

  it('does not care for the order of the takers', () => {
    const reversed = [...takers].reverse()
    for (const { hashKey } of edges.slice(0, 2000)) expect(rendezvous(reversed, hashKey)).toBe(rendezvous(takers, hashKey))
  })
})

describe('hashKeyOf', () => {
  it('is the same for one host, whatever the port, by source ip', () => {
    const keyOf = (id: bigint, address: string): number => edge(id, address, 'srcip').hashKey
    expect(keyOf(1n, '10.1.2.3:1000')).toBe(keyOf(2n, '10.1.2.3:2000'))
    expect(keyOf(1n, '[fe80::1]:1000')).toBe(keyOf(2n, '[fe80::1]:2000'))
    expect(keyOf(1n, '10.1.2.3:1000')).not.toBe(keyOf(1n, '10.1.2.4:1000'))
  })

  it('tells apart ids that differ in either half', () => {
    const keys = [1n, 2n, 1n << 32n, 2n << 32n, (1n << 32n) | 1n].map((id) => edge(id).hashKey)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

const byId = { hashBy: 'edgeid', policy: undefined } as const

describe('chooseTaker', () => {
  it('chooses anew when takers come and go, for two routes in turn, too', () => {
    const table = new RouteTable()
    for (const name of ['a', 'b']) for (const each of takers) table.add(name, each)
    const [routeA, routeB] = [table.get('a')!, table.get('b')!]
    for (const each of edges.slice(0, 50)) {
      const first = chooseTaker(routeA, each, byId)!
      expect(chooseTaker(routeB, each, byId)).toBe(first)
      expect(chooseTaker(routeA, each, byId)).toBe(first)
      table.remove('a', first)
      expect(chooseTaker(routeA, each, byId)).not.toBe(first)
      expect(chooseTaker(routeB, each, byId)).toBe(first)
      table.add('a', first)
      expect(chooseTaker(routeA, each, byId)).toBe(first)
    }
  })

  it('spreads one edge over all at random', () => {
    const table = new RouteTable()
    for (const each of takers) table.add('a', each)
    const chosen = new Set(Array.from({ length: 500 }, () => chooseTaker(table.get('a')!, edges[0]!, { hashBy: 'random', policy: undefined })))
    expect(chosen.size).toBe(takers.length)
  })

  it('asks a policy first, and does without what it cannot take', () => {
    const table = new RouteTable()
    for (const each of takers) table.add('a', each)
    const route = table.get('a')!
    const byHash = chooseTaker(route, edges[0]!, byId)
    const asked: unknown[] = []
    const last = (name: string, edge: Peer, all: readonly Peer[]): Peer => (asked.push(name, edge), all.at(-1)!)
    expect(chooseTaker(route, edges[0]!, { hashBy: 'edgeid', policy: last })).toBe(takers.at(-1))
    expect(asked).toEqual(['a', edges[0]])
    const stranger = taker(999n)
    for (const policy of [() => undefined, () => stranger, () => { throw new Error('no') }]) {
      expect(chooseTaker(route, edges[0]!, { hashBy: 'edgeid', policy })).toBe(byHash)
    }
  })
})
