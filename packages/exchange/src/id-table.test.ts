import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashId, IdTable } from './id-table.js'

const MAX_ID = 0xffff_ffff_ffff_ffffn

/** Ids whose places in a table of 64, seeded with 0, are the last two: they run on over the end. */
function collidingIds(count: number): bigint[] {
  const ids: bigint[] = []
  for (let low = 1; ids.length < count; low++) if ((hashId(0, low) & 63) >= 62) ids.push(BigInt(low))
  return ids
}

describe('IdTable', () => {
  it('finds ids by their halves as they stand in a frame', () => {
    const table = new IdTable<string>()
    table.set(0x8000_0001_ffff_fffen, 'high')
    table.set(MAX_ID, 'max')
    table.set(1n, 'one')
    expect(table.find(0x8000_0001, 0xffff_fffe)).toBe('high')
    expect(table.find(0xffff_ffff, 0xffff_ffff)).toBe('max')
    expect(table.find(0, 1)).toBe('one')
    expect(table.find(1, 0)).toBeUndefined()
    expect(table.get(0x1_0000_0000n)).toBeUndefined()
    expect(table.size).toBe(3)
  })

  it('replaces the value of an id', () => {
    const table = new IdTable<string>()
    table.set(7n, 'a')
    table.set(7n, 'b')
    expect([table.get(7n), table.size]).toEqual(['b', 1])
  })

  it('keeps what collides apart, whichever of it goes first', () => {
    const ids = collidingIds(20)
    for (let gone = 0; gone < ids.length; gone++) {
      const table = new IdTable<bigint>(0)
      for (const id of ids) table.set(id, id)
      expect(table.delete(ids[gone]!)).toBe(true)
      expect(table.delete(ids[gone]!)).toBe(false)
      for (const id of ids) expect(table.get(id)).toBe(id === ids[gone] ? undefined : id)
    }
  })

  it('lets who goes through it delete', () => {
    const table = new IdTable<bigint>()
    for (let id = 1n; id <= 1000n; id++) table.set(id, id)
    let seen = 0
    for (const id of table.values()) {
      seen++
      expect(table.delete(id)).toBe(true)
    }
    expect([seen, table.size, table.values()]).toEqual([1000, 0, []])
  })

  it('does what a Map does', () => {
    const id = fc.oneof(fc.bigInt({ min: 1n, max: 40n }), fc.constantFrom(...collidingIds(30)), fc.bigInt({ min: MAX_ID - 20n, max: MAX_ID }), fc.bigInt({ min: 0n, max: MAX_ID }))
    const step = fc.record({ isDelete: fc.boolean(), id })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const table = new IdTable<number>(0)
        const model = new Map<bigint, number>()
        for (const [at, next] of steps.entries()) {
          if (next.isDelete) expect(table.delete(next.id)).toBe(model.delete(next.id))
          else {
            table.set(next.id, at)
            model.set(next.id, at)
          }
          expect(table.get(next.id)).toBe(model.get(next.id))
        }
        expect(table.size).toBe(model.size)
        for (const [known, value] of model) expect(table.get(known)).toBe(value)
        expect(table.values().sort((a, b) => a - b)).toEqual([...model.values()].sort((a, b) => a - b))
      }),
      { numRuns: 200 },
    )
  })

  it('grows with 100,000 ids and finds them fast', () => {
    const table = new IdTable<bigint>()
    const began = performance.now()
    for (let id = 1n; id <= 100_000n; id++) table.set(id << 20n, id)
    let found = 0
    for (let id = 1n; id <= 100_000n; id++) if (table.get(id << 20n) === id) found++
    expect(found).toBe(100_000)
    expect(performance.now() - began).toBeLessThan(5000)
  })
})
