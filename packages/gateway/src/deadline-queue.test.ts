import { Sweep } from '@frontier/mux'
import { describe, expect, it } from 'vitest'
import { DeadlineQueue, type Deadlined } from './deadline-queue.js'

class Member implements Deadlined {
  deadlineTick = 0
  overdue = 0
  onDeadline(): void {
    this.overdue++
  }
}

describe('DeadlineQueue', () => {
  it('tells members once that their time is up, oldest first, and not those that were removed', () => {
    const sweep = new Sweep(100)
    const queue = new DeadlineQueue<Member>(sweep, 200)
    const [first, second, gone] = [new Member(), new Member(), new Member()]
    queue.add(first)
    queue.add(gone)
    sweep.tick = 1
    queue.add(second)
    queue.remove(gone)
    expect(queue.oldest()).toBe(first)
    for (const tick of [2, 3]) queue.onTick(tick)
    expect([first.overdue, second.overdue]).toEqual([1, 0])
    for (const tick of [4, 5]) queue.onTick(tick)
    expect([first.overdue, second.overdue, gone.overdue]).toEqual([1, 1, 0])
    expect(queue.size).toBe(0)
    queue.close()
    expect(sweep.size).toBe(0)
  })
})
