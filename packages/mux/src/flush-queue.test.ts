import { describe, expect, it } from 'vitest'
import { FlushQueue } from './flush-queue.js'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('FlushQueue', () => {
  it('flushes all that was added in a turn at its end, once and in order', async () => {
    const queue = new FlushQueue()
    const flushed: string[] = []
    queue.add({ flush: () => flushed.push('a') })
    queue.add({ flush: () => flushed.push('b') })
    await Promise.resolve()
    expect(flushed).toEqual([])
    await turn()
    expect(flushed).toEqual(['a', 'b'])
    await turn()
    expect(flushed).toEqual(['a', 'b'])
  })

  it('leaves what is added while it flushes for the next turn', async () => {
    const queue = new FlushQueue()
    let flushes = 0
    const again = {
      flush: (): void => {
        if (++flushes < 3) queue.add(again)
      },
    }
    queue.add(again)
    await turn()
    expect(flushes).toBe(1)
    await turn()
    await turn()
    await turn()
    expect(flushes).toBe(3)
  })

  it('goes on with the others, and with the next turns, when one throws; the fault is uncaught', async () => {
    const queue = new FlushQueue()
    const flushed: string[] = []
    const uncaught: unknown[] = []
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', (error) => uncaught.push(error))
    try {
      queue.add({
        flush: () => {
          throw new Error('a fault')
        },
      })
      queue.add({ flush: () => flushed.push('b') })
      await expect.poll(() => uncaught.length).toBe(1)
      for (let i = 0; i < 3; i++) {
        queue.add({ flush: () => flushed.push(`turn ${i}`) })
        await turn()
      }
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
    expect(flushed).toEqual(['b', 'turn 0', 'turn 1', 'turn 2'])
    expect(uncaught).toEqual([new Error('a fault')])
  })
})
