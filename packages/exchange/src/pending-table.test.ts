import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Party } from './party.js'
import { PendingState, PendingTable } from './pending-table.js'

function party(): Party {
  return new Party({ sendControl() {}, queuedBytes: 0, sentBytes: 0, handedBytes: 0 }, 1)
}

interface Entry {
  id: number
  sourceId: number
  source: Party
  target: Party
  isCancelled: boolean
  expiresAt: number
}

describe('PendingTable', () => {
  it('finds a request by the id it gave, for the right target only', () => {
    const table = new PendingTable()
    const [source, target, other] = [party(), party(), party()]
    const slot = table.add(source, 77, target, PendingState.MESSAGE, 0)
    const id = table.id[slot]!
    expect(table.find(id, target)).toBe(slot)
    expect([table.find(id, other), table.find(id, source), table.find(id + 1, target), table.find(0, target), table.find(0xffff_ffff, target)]).toEqual([-1, -1, -1, -1, -1])
    expect([table.findAsked(77, source), table.findAsked(77, target), table.findAsked(78, source)]).toEqual([slot, -1, -1])
    table.remove(slot)
    expect([table.find(id, target), table.findAsked(77, source), table.size]).toEqual([-1, -1, 0])
    expect([source.asked, source.held, target.owed]).toEqual([0, 0, 0])
  })

  it('gives no id again before 2^20 others', () => {
    const table = new PendingTable()
    const [source, target] = [party(), party()]
    const lastUse = new Map<number, number>()
    // Some stay for long: the others must not run into their places.
    for (let i = 0; i < 500; i++) lastUse.set(table.id[table.add(source, i, target, 0, 0)]!, i)
    const count = 1_200_000
    let nearest = Number.POSITIVE_INFINITY
    for (let i = 500; i < count; i++) {
      const slot = table.add(source, i, target, 0, 0)
      const id = table.id[slot]!
      const before = lastUse.get(id)
      if (before !== undefined) nearest = Math.min(nearest, i - before)
      if (i < 2000) lastUse.set(id, i)
      if (id === 0) throw new Error('0 is no id')
      table.remove(slot)
    }
    expect(nearest).toBeGreaterThan(1 << 20)
    expect(table.size).toBe(500)
  })

  it('keeps everything where it is when it grows', () => {
    const table = new PendingTable()
    const [source, target] = [party(), party()]
    const slots: number[] = []
    for (let i = 0; i < 10_000; i++) {
      const slot = table.add(source, i, target, i & 7, i)
      table.place[slot] = i * 2 ** 33
      table.bodyBytes[slot] = i
      table.answerBytes[slot] = i + 1
      slots.push(slot)
    }
    for (const [i, slot] of slots.entries()) {
      expect(table.find(table.id[slot]!, target)).toBe(slot)
      expect([table.sourceId[slot], table.state[slot], table.expiresAt[slot], table.place[slot], table.bodyBytes[slot], table.answerBytes[slot]]).toEqual([i, i & 7, i, i * 2 ** 33, i, i + 1])
    }
  })

  it('visits what has expired, which may be removed meanwhile, and what never expires not at all', () => {
    const table = new PendingTable()
    const [source, target] = [party(), party()]
    for (let i = 0; i < 100; i++) table.add(source, i, target, 0, i % 3 === 0 ? 0 : i)
    const visited: number[] = []
    table.forEachExpired(50, (slot) => {
      visited.push(table.sourceId[slot]!)
      table.remove(slot)
    })
    expect(visited).toEqual(Array.from({ length: 51 }, (_, i) => i).filter((i) => i % 3 !== 0))
    table.forEachExpired(50, () => expect.unreachable())
    expect(table.size).toBe(100 - visited.length)
  })

  it('counts who holds a place, cancelled requests included, as soon as it matters', () => {
    const table = new PendingTable()
    const [greedy, modest, target] = [party(), party(), party()]
    const slots = Array.from({ length: 10 }, (_, i) => table.add(greedy, i, target, 0, 0))
    table.add(modest, 1, target, 0, 0)
    expect(table.holds(greedy, target, 11)).toBe(false)
    expect(target.heldBy).toBeUndefined()
    expect(table.holds(greedy, target, 10)).toBe(true)
    expect(table.holds(modest, target, 1)).toBe(true)
    expect(table.holds(modest, target, 2)).toBe(false)
    for (const slot of slots) table.dropSource(slot)
    expect([greedy.asked, greedy.held]).toEqual([0, 10])
    expect(table.holds(greedy, target, 10)).toBe(true)
    table.remove(slots[0]!)
    expect(table.holds(greedy, target, 10)).toBe(false)
    expect(table.holds(greedy, target, 9)).toBe(true)
    for (const slot of slots.slice(1)) table.remove(slot)
    expect(target.heldBy).toBeUndefined()
    expect(table.holds(greedy, target, 1)).toBe(false)
  })

  it('drops an index of ids that nobody asks any more, and makes it again', () => {
    const table = new PendingTable()
    const [source, target] = [party(), party()]
    const first = table.add(source, 5, target, 0, 0)
    expect(table.findAsked(5, source)).toBe(first)
    expect(source.slotsById).toBeDefined()
    for (let i = 0; i < 5000; i++) table.remove(table.add(source, 1000 + i, target, 0, 0))
    expect(source.slotsById).toBeUndefined()
    expect(table.findAsked(5, source)).toBe(first)
    table.remove(first)
    expect(source.slotsById).toBeUndefined()
  })

  it('does what a list of requests does', () => {
    const pick = fc.nat(2)
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), source: pick, target: pick, sourceId: fc.nat(30), expiresAt: fc.nat(20) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), at: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('find' as const), source: pick, sourceId: fc.nat(30) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('holds' as const), source: pick, target: pick, places: fc.integer({ min: 1, max: 10 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), tick: fc.nat(20) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const parties = [party(), party(), party()]
        const table = new PendingTable()
        const model = new Map<number, Entry>()
        for (const next of steps) {
          if (next.kind === 'add') {
            const [source, target] = [parties[next.source]!, parties[next.target]!]
            // A peer gives no id twice.
            if ([...model.values()].some((entry) => entry.source === source && entry.sourceId === next.sourceId)) continue
            const slot = table.add(source, next.sourceId, target, 0, next.expiresAt)
            expect(model.has(slot)).toBe(false)
            model.set(slot, { id: table.id[slot]!, sourceId: next.sourceId, source, target, isCancelled: false, expiresAt: next.expiresAt })
          } else if (next.kind === 'remove' || next.kind === 'drop') {
            const slot = [...model.keys()][next.at % Math.max(1, model.size)]
            if (slot === undefined) continue
            if (next.kind === 'drop') {
              table.dropSource(slot)
              model.get(slot)!.isCancelled = true
            } else {
              table.remove(slot)
              model.delete(slot)
            }
          } else if (next.kind === 'find') {
            const source = parties[next.source]!
            const expected = [...model].find(([, entry]) => entry.source === source && entry.sourceId === next.sourceId && !entry.isCancelled)
            expect(table.findAsked(next.sourceId, source)).toBe(expected?.[0] ?? -1)
          } else if (next.kind === 'holds') {
            const [source, target] = [parties[next.source]!, parties[next.target]!]
            const count = [...model.values()].filter((entry) => entry.source === source && entry.target === target).length
            expect(table.holds(source, target, next.places)).toBe(count >= next.places)
          } else {
            const expired: number[] = []
            table.forEachExpired(next.tick, (slot) => expired.push(slot))
            expect(expired.sort()).toEqual([...model].filter(([, entry]) => entry.expiresAt !== 0 && entry.expiresAt <= next.tick).map(([slot]) => slot).sort())
          }
          expect(table.size).toBe(model.size)
          for (const [slot, entry] of model) expect(table.find(entry.id, entry.target)).toBe(slot)
          for (const each of parties) {
            const entries = [...model.values()]
            expect([each.asked, each.held, each.owed]).toEqual([
              entries.filter((entry) => entry.source === each && !entry.isCancelled).length,
              entries.filter((entry) => entry.source === each).length,
              entries.filter((entry) => entry.target === each).length,
            ])
          }
        }
        // As when links end: the lists lead to everything.
        for (const each of parties) {
          while (each.firstAsked >= 0) table.dropSource(each.firstAsked)
          while (each.firstOwed >= 0) table.remove(each.firstOwed)
        }
        expect(table.size).toBe(0)
        for (const each of parties) {
          expect([each.asked, each.held, each.owed, each.slotsById, each.heldBy]).toEqual([0, 0, 0, undefined, undefined])
        }
      }),
      { numRuns: 300 },
    )
  })
})
