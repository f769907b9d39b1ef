import { describe, expect, it } from 'vitest'
import { EdgeEvents } from './edge-events.js'
import type { EdgeInfo } from './hooks.js'

function edge(edgeId: bigint, generation: number): EdgeInfo {
  return { edgeId, generation, meta: new Uint8Array(0), address: '', labels: {}, at: new Date(0) }
}

function gate(): { promise: Promise<void>; open: () => void } {
  let open!: () => void
  const promise = new Promise<void>((resolve) => {
    open = resolve
  })
  return { promise, open }
}

describe('EdgeEvents', () => {
  it('tells the events of one edge one after another, others side by side', async () => {
    const events = new EdgeEvents()
    const told: string[] = []
    const slow = gate()
    const first = events.tell('online', edge(1n, 1), async () => {
      await slow.promise
      told.push('1 online')
    })
    const second = events.tell('offline', edge(1n, 1), () => void told.push('1 offline'))
    const third = events.tell('online', edge(1n, 2), () => void told.push('1 online again'))
    await events.tell('online', edge(2n, 1), () => void told.push('2 online'))
    expect(told).toEqual(['2 online'])
    slow.open()
    await Promise.all([first, second, third])
    expect(told).toEqual(['2 online', '1 online', '1 offline', '1 online again'])
    expect(events.busyEdges).toBe(0)
  })

  it('drops what is older than what was told', async () => {
    const events = new EdgeEvents()
    const told: string[] = []
    const tell = (kind: 'online' | 'offline', generation: number): Promise<void> =>
      events.tell(kind, edge(1n, generation), () => void told.push(`${kind} ${generation}`))
    await tell('online', 5)
    await tell('offline', 4)
    await tell('online', 4)
    await tell('offline', 5)
    await tell('online', 5)
    await tell('online', 6)
    await tell('offline', 5)
    expect(told).toEqual(['online 5', 'offline 5', 'online 6'])
  })

  it('tells an online event again that comes again, as after a reconnect with a snapshot', async () => {
    const events = new EdgeEvents()
    let count = 0
    for (let i = 0; i < 2; i++) await events.tell('online', edge(1n, 5), () => {
      count++
    })
    expect(count).toBe(2)
  })

  it('passes on what a handler throws, and goes on with the next event', async () => {
    const events = new EdgeEvents()
    const failing = events.tell('online', edge(1n, 1), () => {
      throw new Error('not this one')
    })
    const next = events.tell('offline', edge(1n, 1), () => undefined)
    await expect(failing).rejects.toThrow('not this one')
    await next
    expect(events.busyEdges).toBe(0)
  })

  it('remembers a bounded number of edges', async () => {
    const events = new EdgeEvents(2)
    const told: number[] = []
    const tell = (id: bigint, generation: number): Promise<void> => events.tell('online', edge(id, generation), () => void told.push(generation))
    await tell(1n, 10)
    await tell(2n, 20)
    await tell(1n, 11)
    await tell(3n, 30)
    await tell(1n, 5)
    await tell(2n, 6)
    expect(told).toEqual([10, 20, 11, 30, 6])
  })
})
