import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RequestTable, type Numbered } from './request-table.js'

function added(table: RequestTable<Numbered>): Numbered {
  const request = { id: 0 }
  table.add(request)
  return request
}

describe('the table of requests', () => {
  it('counts ids up, and passes over places that are taken', () => {
    const table = new RequestTable()
    const kept = added(table)
    const ids = Array.from({ length: 40 }, () => {
      const request = added(table)
      table.delete(request)
      return request.id
    })
    expect(kept.id).toBe(1)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    expect(new Set(ids).size).toBe(40)
    expect(ids.some((id) => id % 16 === 1)).toBe(false)
    expect(table.get(1)).toBe(kept)
  })

  it('begins anew at 1 behind the largest id', () => {
    const table = new RequestTable(2 ** 32 - 2)
    expect([added(table).id, added(table).id]).toEqual([2 ** 32 - 1, 1])
    expect([table.get(2 ** 32 - 1)?.id, table.get(1)?.id, table.get(2)]).toEqual([2 ** 32 - 1, 1, undefined])
  })

  it('gives back what was put in and nothing else, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 3000 }), (steps) => {
        const table = new RequestTable(2 ** 32 - 50)
        const kept = new Map<number, Numbered>()
        for (const step of steps) {
          const gone = step % 3 === 0 ? [...kept.values()][step % Math.max(1, kept.size)] : undefined
          if (gone === undefined) {
            const request = added(table)
            expect(kept.has(request.id)).toBe(false)
            kept.set(request.id, request)
          } else {
            table.delete(gone)
            table.delete(gone)
            kept.delete(gone.id)
            expect(table.get(gone.id)).toBeUndefined()
          }
        }
        expect(table.size).toBe(kept.size)
        expect(new Set(table.list())).toEqual(new Set(kept.values()))
        for (const [id, request] of kept) expect(table.get(id)).toBe(request)
      }),
      { numRuns: 50 },
    )
  })
})
