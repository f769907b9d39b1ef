import { Flag, FrameType } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { World, type TestPeer } from '../test/world.js'

const { CALL, ANSWER, CANCEL, MESSAGE, PING } = FrameType

/** Sends calls until one is refused; how many passed. */
function callUntilRefused(peer: TestPeer, key: string, options: { bytes?: number; edgeId?: bigint; most?: number } = {}): number {
  const { bytes = 10, edgeId = 0n, most = 10_000 } = options
  for (let sent = 0; sent < most; sent++) {
    peer.send({ type: CALL, id: sent + 1, key, data: new Uint8Array(bytes), peer: edgeId })
    const [refusal] = peer.received
    if (refusal === undefined) continue
    expect(refusal.key).toBe('BUFFER_FULL')
    expect(refusal.flags & (Flag.MAYBE | Flag.RETRYABLE)).toBe(Flag.RETRYABLE)
    return sent
  }
  return most
}

describe('BUFFER_FULL', () => {
  it('is the answer when the target owes as many answers as it may', () => {
    const world = new World({ limits: { service: { maxOwed: 80 } } })
    const service = world.service('s', ['m'])
    for (let i = 0; i < 8; i++) callUntilRefused(world.edge(), 'm')
    expect(service.peer.owed).toBe(80)
    expect(callUntilRefused(world.edge(), 'm')).toBe(0)
    const calls = service.received
    service.send({ type: ANSWER, id: calls[0]!.id })
    expect(callUntilRefused(world.edge(), 'm')).toBe(1)
    expect(world.exchange.counters.bufferFull).toBe(10)
  })

  it('is the answer when the source waits for as many answers as it may', () => {
    const world = new World({ limits: { edge: { maxAsked: 20 } } })
    world.service('s', ['m', 'n'])
    const edge = world.edge()
    expect(callUntilRefused(edge, 'm')).toBe(20)
    edge.send({ type: CANCEL, id: 5 })
    expect(callUntilRefused(edge, 'n')).toBe(1)
  })

  it('keeps one source at an eighth of the places, also when it cancels what it asked', () => {
    const world = new World({ limits: { service: { maxOwed: 80 } } })
    const service = world.service('s', ['m'])
    const [greedy, modest] = [world.edge(), world.edge()]
    expect(callUntilRefused(greedy, 'm')).toBe(10)
    for (let id = 1; id <= 10; id++) greedy.send({ type: CANCEL, id })
    expect(greedy.peer.asked).toBe(0)
    expect(callUntilRefused(greedy, 'm')).toBe(0)
    expect(callUntilRefused(modest, 'm')).toBe(10)
    for (const { type, id } of service.received) if (type === 'CALL') service.send({ type: ANSWER, id })
    expect(callUntilRefused(greedy, 'm')).toBe(10)
  })

  it('does not let a source that is busy elsewhere suffer', () => {
    const world = new World({ limits: { edge: { maxOwed: 80 } } })
    const [x, y] = [world.edge(), world.edge()]
    const [busy, other] = [world.service('busy'), world.service('other')]
    expect(callUntilRefused(busy, 'm', { edgeId: x.peer.id })).toBe(10)
    expect(callUntilRefused(other, 'm', { edgeId: y.peer.id })).toBe(10)
    // Many are owed and many are asked, but not of each other.
    expect(callUntilRefused(busy, 'm', { edgeId: y.peer.id })).toBe(10)
  })

  it('is the answer when the queue toward the target is above its mark', () => {
    const world = new World({ limits: { service: { markBytes: 100_000 } } })
    const service = world.service('s', ['m'])
    service.pipe.isStuck = true
    let passed = 0
    for (let i = 0; i < 12; i++) passed += callUntilRefused(world.edge(), 'm', { bytes: 1000 })
    expect(service.peer.link.queuedBytes).toBeGreaterThan(100_000)
    expect(service.peer.link.queuedBytes).toBeLessThan(103_000)
    expect(passed).toBe(service.peer.owed)
    service.pipe.drain()
    service.pipe.drain()
    expect(callUntilRefused(world.edge(), 'm', { bytes: 1000 })).toBeGreaterThan(0)
  })

  it('keeps one source at about an eighth of the mark, so that others get through', () => {
    const world = new World({ limits: { service: { markBytes: 800_000, maxOwed: 80_000 } } })
    const service = world.service('s', ['m'])
    service.pipe.isStuck = true
    expect(callUntilRefused(world.edge(), 'm', { bytes: 1000 })).toBeLessThan(210)
    expect(service.peer.link.queuedBytes).toBeLessThan(210_000)
    expect(callUntilRefused(world.edge(), 'm', { bytes: 1000 })).toBeGreaterThan(90)
    // A frame that is larger than the share passes when it is the source's only one.
    expect(callUntilRefused(world.edge(), 'm', { bytes: 32_000 })).toBeGreaterThan(0)
  })

  it('drops messages that nobody waits for', () => {
    const world = new World({ limits: { service: { markBytes: 1000 } } })
    const service = world.service('s', [], ['t'])
    service.pipe.isStuck = true
    const edge = world.edge()
    for (let id = 0; id < 100; id++) edge.send({ type: MESSAGE, id, key: 't', data: new Uint8Array(100), flags: Flag.NO_ACK })
    expect(edge.received).toEqual([])
    expect(world.exchange.counters.dropped).toBeGreaterThan(80)
    expect(service.peer.link.queuedBytes).toBeLessThan(1300)
  })

  it('costs little, also when it is asked for again and again', () => {
    const world = new World({ limits: { service: { maxOwed: 65_536 }, edge: { maxAsked: 100_000 } } })
    world.service('s', ['m'])
    // Somebody else holds many places, too.
    for (let i = 0; i < 4; i++) {
      const other = world.edge()
      for (let id = 0; id < 8000; id++) other.sendOnly({ type: CALL, id, key: 'm' })
    }
    const greedy = world.edge()
    for (let id = 0; id < 8192; id++) greedy.sendOnly({ type: CALL, id, key: 'm' })
    world.endTurn()
    expect(greedy.received).toEqual([])
    const batches = Array.from({ length: 10 }, () => {
      const began = performance.now()
      for (let id = 10_000; id < 11_000; id++) greedy.sendOnly({ type: CALL, id, key: 'm' })
      return performance.now() - began
    })
    // To count who holds the 40,000 places would take longer, each time.
    expect(Math.min(...batches)).toBeLessThan(60)
    expect(greedy.received).toHaveLength(10_000)
  })
})

describe('a peer that is slow', () => {
  it('and never reads its answers is closed at the hard mark', () => {
    const world = new World({ limits: { edge: { markBytes: 20_000, hardMarkBytes: 50_000 } } })
    const service = world.service('s', ['m'])
    const [edge, other] = [world.edge(), world.edge()]
    edge.pipe.isStuck = true
    for (let id = 0; !edge.pipe.hasEnded && id < 1000; id++) {
      edge.send({ type: CALL, id, key: 'm' })
      for (const call of service.received) if (call.type === 'CALL') service.send({ type: ANSWER, id: call.id, data: new Uint8Array(1000) })
    }
    expect(world.offline).toEqual([{ peer: edge.peer, code: 'SLOW_CONSUMER' }])
    expect(world.exchange.counters.slowConsumers).toBe(1)
    expect(edge.received.at(-1)!.key).toBe('SLOW_CONSUMER')
    other.send({ type: CALL, id: 1, key: 'm' })
    expect(service.received).toHaveLength(1)
  })

  it.each([
    ['pongs', { type: PING, id: 1 }],
    ['refusals', { type: CALL, id: 1, key: 'nobody' }],
    ['answered registrations', { type: FrameType.REGISTER, id: 1, key: 'm' }],
    ['refused streams', { type: FrameType.OPEN, id: 1, key: 'nobody' }],
  ])('and never reads its %s is closed, too', (_, frame) => {
    const world = new World({ limits: { edge: { markBytes: 20_000, hardMarkBytes: 50_000 } } })
    const edge = world.edge()
    edge.pipe.isStuck = true
    for (let i = 0; !edge.pipe.hasEnded && i < 5000; i++) edge.send(frame)
    expect(world.offline).toEqual([{ peer: edge.peer, code: 'SLOW_CONSUMER' }])
  })

  it('is closed when it stays above its mark for too long', () => {
    const world = new World({ limits: { edge: { markBytes: 5000, slowAfterMs: 10_000 } } })
    const service = world.service('s')
    const edge = world.edge()
    const check = (ms: number): void => {
      world.passChecking(edge.peer, ms)
    }
    edge.pipe.isStuck = true
    service.send({ type: MESSAGE, id: 1, key: 't', peer: edge.peer.id, data: new Uint8Array(6000) })
    check(8000)
    edge.pipe.drain()
    check(1000)
    service.send({ type: MESSAGE, id: 2, key: 't', peer: edge.peer.id, data: new Uint8Array(6000) })
    check(9000)
    expect(edge.pipe.hasEnded).toBe(false)
    check(2000)
    expect(world.offline).toEqual([{ peer: edge.peer, code: 'SLOW_CONSUMER' }])
    expect(service.received.map(({ id, key, flags }) => [id, key, flags & Flag.MAYBE])).toEqual([
      [1, 'EOF', Flag.MAYBE],
      [2, 'EOF', Flag.MAYBE],
    ])
  })

  it('is closed at its hard mark by whoever looks', () => {
    const world = new World({ limits: { service: { markBytes: 2000, hardMarkBytes: 4000 } } })
    const service = world.service('s', ['edge_online'])
    service.pipe.isStuck = true
    const failed = Array.from({ length: 50 }, () => world.exchange.callService(service.peer, 'edge_online', { data: new Uint8Array(100), timeoutMs: 1000 }))
    world.endTurn()
    world.exchange.checkPace(service.peer, world.sweep.tick)
    expect(service.pipe.hasEnded).toBe(true)
    return Promise.all(failed.map((call) => expect(call).rejects.toMatchObject({ code: 'EOF' })))
  })
})
