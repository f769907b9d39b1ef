import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LinkedQueue, type Queued } from './linked-queue.js'

class Item implements Queued<Item> {
  queue: LinkedQueue<Item> | undefined = undefined
  queuePrevious: Item | undefined = undefined
  queueNext: Item | undefined = undefined
}

describe('a linked queue', () => {
  it('does what an array does', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('push', 'unshift', 'shift', 'remove'), fc.nat(20)))
    fc.assert(
      fc.property(steps, (all) => {
        const queue = new LinkedQueue<Item>()
        const model: Item[] = []
        for (const [step, at] of all) {
          const item = new Item()
          if (step === 'push') {
            queue.push(item)
            model.push(item)
          } else if (step === 'unshift') {
            queue.unshift(item)
            model.unshift(item)
          } else if (step === 'shift') expect(queue.shift()).toBe(model.shift())
          else if (model.length > 0) {
            const [removed] = model.splice(at % model.length, 1)
            queue.remove(removed!)
            queue.remove(removed!)
            expect(removed!.queue).toBeUndefined()
          }
          const listed: Item[] = []
          for (let next = queue.first; next !== undefined; next = next.queueNext) listed.push(next)
          expect(listed.every((item2, i) => item2 === model[i])).toBe(true)
          expect([listed.length, queue.size]).toEqual([model.length, model.length])
        }
      }),
    )
  })

  it('leaves alone what is in another', () => {
    const [one, two] = [new LinkedQueue<Item>(), new LinkedQueue<Item>()]
    const item = new Item()
    one.push(item)
    two.remove(item)
    expect([one.size, two.size]).toEqual([1, 0])
  })
})
