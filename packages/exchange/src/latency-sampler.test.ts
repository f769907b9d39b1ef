import { FrameType } from '@frontier/wire'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { World } from '../test/world.js'

const { CALL, ANSWER, MESSAGE, ACK, CANCEL } = FrameType

let now = 0
function clock(): void {
  now = 1_000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
}
afterEach(() => vi.restoreAllMocks())

function trio() {
  clock()
  const world = new World()
  const service = world.service('s', ['m'], ['t'])
  const edge = world.edge()
  const take = (ms: number, id = 1): void => {
    edge.send({ type: CALL, id, key: 'm' })
    now += ms
    service.send({ type: ANSWER, id: service.only.id })
    edge.received.length = 0
  }
  return { world, service, edge, take }
}

describe('LatencySampler', () => {
  it('measures nothing unless somebody wants it', () => {
    const { world, take } = trio()
    take(5)
    expect(world.exchange.latency.figures()).toEqual({ samples: 0, p50Ms: 0, p99Ms: 0 })
    const one = world.exchange.latency.start()
    const two = world.exchange.latency.start()
    take(5)
    one[Symbol.dispose]()
    one[Symbol.dispose]()
    take(5)
    expect(world.exchange.latency.figures().samples).toBe(2)
    two[Symbol.dispose]()
    take(5)
    expect(world.exchange.latency.figures().samples).toBe(2)
  })

  it('knows how long calls and messages took, to 3 %', () => {
    const { world, service, edge, take } = trio()
    world.exchange.latency.start()
    for (let count = 0; count < 98; count++) take(2)
    take(700)
    edge.send({ type: MESSAGE, id: 2, key: 't' })
    now += 700
    service.send({ type: ACK, id: service.only.id })
    const { samples, p50Ms, p99Ms } = world.exchange.latency.figures()
    expect(samples).toBe(100)
    expect(Math.abs(p50Ms / 2 - 1)).toBeLessThan(0.03)
    expect(Math.abs(p99Ms / 700 - 1)).toBeLessThan(0.03)
  })

  it('forgets what is longer ago than ten seconds', () => {
    const { world, take } = trio()
    world.exchange.latency.start()
    take(1)
    now += 5_000
    take(1)
    expect(world.exchange.latency.figures().samples).toBe(2)
    now += 5_000
    expect(world.exchange.latency.figures().samples).toBe(1)
    now += 20_000
    expect(world.exchange.latency.figures().samples).toBe(0)
  })

  it('takes some of many that are under way at once', () => {
    const { world, service, edge } = trio()
    world.exchange.latency.start()
    for (let round = 0; round < 50; round++) {
      edge.send(...Array.from({ length: 100 }, (_, id) => ({ type: CALL, id, key: 'm' })))
      now += 3
      service.send(...service.received.map(({ id }) => ({ type: ANSWER, id })))
      edge.received.length = 0
      world.pass(250)
    }
    const { samples, p50Ms } = world.exchange.latency.figures()
    expect(samples).toBeGreaterThan(10)
    expect(p50Ms).toBeGreaterThan(2.9)
  })

  it('is not held up by those that take for ever, and counts them as far as they have come', () => {
    const { world, service, edge, take } = trio()
    world.exchange.latency.start()
    for (let count = 0; count < 40; count++) {
      edge.send({ type: CALL, id: 1_000 + count, key: 'm' })
      now += 250
      world.pass(250)
    }
    service.received.length = 0
    expect(world.exchange.latency.figures().p99Ms).toBeGreaterThan(7_000)
    for (let count = 0; count < 4; count++) {
      take(1)
      world.pass(250)
    }
    expect(world.exchange.latency.figures().samples).toBeGreaterThan(4)
  })

  it('counts what ran out of time, and not what was cancelled or never answered', () => {
    const { world, service, edge } = trio()
    world.exchange.latency.start()
    edge.send({ type: CALL, id: 1, key: 'm', budgetMs: 2_000 })
    now += 3_500
    world.pass(3_500)
    expect(world.exchange.latency.figures().samples).toBe(1)
    edge.send({ type: CALL, id: 2, key: 'm' })
    edge.send({ type: CANCEL, id: 2 })
    world.pass(250)
    service.send({ type: ANSWER, id: service.received.find(({ type }) => type === 'CALL')!.id })
    edge.send({ type: CALL, id: 3, key: 'm' })
    service.leave()
    world.pass(250)
    expect(world.exchange.latency.figures().samples).toBe(1)
  })

  it('leaves out what the gateway itself asks', async () => {
    const { world, service } = trio()
    world.exchange.latency.start()
    const answer = world.exchange.callService(service.peer, 'm', { timeoutMs: 1_000 })
    service.send({ type: ANSWER, id: service.only.id })
    await answer
    expect(world.exchange.latency.figures().samples).toBe(0)
  })
})
