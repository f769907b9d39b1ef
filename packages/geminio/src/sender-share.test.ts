import { describe, expect, it } from 'vitest'
import { ByteBudget } from './byte-budget.js'
import { SenderShares } from './sender-share.js'

describe('SenderShares', () => {
  it('lets one sender have half of the budget, and forgets who holds nothing', () => {
    const budget = new ByteBudget(100)
    const shares = new SenderShares(budget, 10)
    expect([shares.take(1n, 50), shares.take(1n, 1), shares.take(2n, 50), shares.take(3n, 1)]).toEqual([true, false, true, false])
    shares.give(1n, 20)
    expect([shares.take(1n, 21), shares.take(1n, 20)]).toEqual([false, true])
    shares.give(1n, 50)
    shares.of(2n).give(50)
    expect([shares.size, budget.usedBytes]).toEqual([0, 0])
  })

  it('lets one sender have one payload, however small the budget is', () => {
    const shares = new SenderShares(new ByteBudget(100), 90)
    expect([shares.take(1n, 90), shares.take(1n, 1)]).toEqual([true, false])
  })

  it('has no shares where there is one other side', () => {
    const shares = new SenderShares(new ByteBudget(100), 10)
    expect([shares.take(0n, 100), shares.take(0n, 1)]).toEqual([true, false])
    shares.give(0n, 100)
    expect(shares.size).toBe(0)
  })
})
