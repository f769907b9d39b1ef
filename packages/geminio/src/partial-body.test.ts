import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { patternBytes } from '../test/channel-pair.js'
import { ByteBudget } from './byte-budget.js'
import { PartialBody } from './partial-body.js'

describe('a partial body', () => {
  it('is what was cut, whatever the cuts, and gives the budget back', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(5), fc.nat(3000), fc.nat(40_000)), { maxLength: 40 }), (lengths) => {
        const budget = new ByteBudget(10_000_000)
        const body = new PartialBody(budget, 10_000_000)
        const whole = patternBytes(lengths.reduce((sum, length) => sum + length, 0))
        let at = 0
        for (const length of lengths) {
          expect(body.append(whole, at, at + length)).toBe('taken')
          at += length
          expect(budget.usedBytes).toBeGreaterThanOrEqual(body.receivedBytes)
          expect(budget.usedBytes).toBeLessThanOrEqual(2 * body.receivedBytes + 1024)
        }
        expect(Buffer.compare(body.finish(), whole)).toBe(0)
        expect(budget.usedBytes).toBe(0)
      }),
    )
  })

  it('takes no byte above its limit, nor above the budget, before memory is taken', () => {
    const budget = new ByteBudget(5000)
    const large = new PartialBody(budget, 1000)
    expect(large.append(new Uint8Array(1007), 0, 1007)).toBe('too-large')
    expect(large.payloadBytesWith(1007)).toBe(1001)
    expect(budget.usedBytes).toBe(0)
    const unpaid = new PartialBody(budget, 100_000)
    expect(unpaid.append(new Uint8Array(4000), 0, 4000)).toBe('taken')
    expect(unpaid.append(new Uint8Array(4000), 0, 4000)).toBe('no-room')
    unpaid.discard()
    unpaid.discard()
    expect(budget.usedBytes).toBe(0)
  })
})

describe('a byte budget', () => {
  it('is taken from its parent, too, or from neither', () => {
    const parent = new ByteBudget(100)
    const [one, two] = [new ByteBudget(80, parent), new ByteBudget(80, parent)]
    expect(one.take(81)).toBe(false)
    expect(one.take(60)).toBe(true)
    expect(two.take(60)).toBe(false)
    expect(two.take(40)).toBe(true)
    expect([one.usedBytes, two.usedBytes, parent.usedBytes]).toEqual([60, 40, 100])
    one.give(60)
    expect([one.usedBytes, parent.usedBytes]).toEqual([0, 40])
  })
})
