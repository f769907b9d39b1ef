import { toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import type { Peer } from './peer.js'
import { RouteTable } from './route-table.js'

const [ann, ben] = [{ id: 1n }, { id: 2n }] as unknown as [Peer, Peer]

/** Two names with one hash in a table seeded with 0. */
function collidingNames(): [string, string] {
  const names = new Map<number, string>()
  for (let i = 0; ; i++) {
    const name = `name ${i}`
    let hash = 0
    for (const byte of toBytes(name)) hash = Math.imul(hash ^ byte, 0x0100_0193)
    const other = names.get(hash)
    if (other !== undefined) return [other, name]
    names.set(hash, name)
  }
}

describe('RouteTable', () => {
  it('finds a name by the bytes of a key, wherever they lie', () => {
    const table = new RouteTable()
    table.add('méthode', ann)
    const key = toBytes('xxméthodeyy')
    expect(table.find(key, 2, key.length - 4)?.takers).toEqual([ann])
    expect(table.find(key, 2, key.length - 5)).toBeUndefined()
    expect(table.get('méthode')?.name).toBe('méthode')
  })

  it('compares names byte for byte', () => {
    const table = new RouteTable()
    table.add('echo', ann)
    for (const name of ['Echo', 'ECHO', 'echo ', ' echo', 'ech', 'echo\0', '', 'e\u0301cho']) expect(table.get(name)).toBeUndefined()
    table.add('\u00e9', ann)
    expect(table.get('e\u0301')).toBeUndefined()
  })

  it('takes a taker once, and the name goes with the last', () => {
    const table = new RouteTable()
    table.add('a', ann)
    table.add('a', ann)
    table.add('a', ben)
    expect(table.get('a')?.takers).toEqual([ann, ben])
    table.remove('a', ann)
    table.remove('a', ann)
    expect(table.get('a')?.takers).toEqual([ben])
    expect(table.size).toBe(1)
    table.remove('a', ben)
    expect([table.get('a'), table.size]).toEqual([undefined, 0])
    table.remove('never', ann)
    expect(table.size).toBe(0)
  })

  it('shows by its version that takers have changed, and by its identity that it began anew', () => {
    const table = new RouteTable()
    table.add('a', ann)
    const route = table.get('a')!
    const before = route.version
    const takers = route.takers
    table.add('a', ben)
    expect(route.version).not.toBe(before)
    expect(takers).toEqual([ann])
    table.remove('a', ann)
    table.remove('a', ben)
    table.add('a', ann)
    expect(table.get('a')).not.toBe(route)
  })

  it.each([
    ['first', 0],
    ['second', 1],
  ] as const)('keeps names with one hash apart, when the %s goes', (_, gone) => {
    const names = collidingNames()
    const table = new RouteTable(0)
    table.add(names[0], ann)
    table.add(names[1], ben)
    expect(names.map((name) => table.get(name)?.takers)).toEqual([[ann], [ben]])
    table.remove(names[gone], gone === 0 ? ann : ben)
    expect(names.map((name, at) => (at === gone ? undefined : table.get(name)?.name))).toEqual(names.map((name, at) => (at === gone ? undefined : name)))
    expect(table.get(names[gone])).toBeUndefined()
    expect(table.size).toBe(1)
    table.add(names[gone], ann)
    expect(names.map((name) => table.get(name)?.name)).toEqual(names)
  })

  it('holds 200,000 names, those that collide among them, and gives each back', () => {
    const table = new RouteTable()
    for (let i = 0; i < 200_000; i++) table.add(`n${i}`, ann)
    expect(table.size).toBe(200_000)
    let wrong = 0
    for (let i = 0; i < 200_000; i++) if (table.get(`n${i}`)?.name !== `n${i}`) wrong++
    expect(wrong).toBe(0)
    for (let i = 0; i < 200_000; i++) table.remove(`n${i}`, ann)
    expect(table.size).toBe(0)
  })
})
