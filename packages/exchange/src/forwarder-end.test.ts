import { encodeBodyPrefix, encodeRawFrame, Flag, FrameType, FrontierError, toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { type TestPeer, World } from '../test/world.js'

const { CALL, ANSWER, MESSAGE, GOODBYE } = FrameType

/** A service that takes nothing more: what is sent to it now waits at the gateway. */
function jam(service: TestPeer, edge: TestPeer): void {
  service.pipe.isStuck = true
  edge.send({ type: MESSAGE, id: 0xffff, key: 'jam', flags: Flag.NO_ACK })
}

function brief(peer: TestPeer): unknown[][] {
  return peer.received.map(({ type, key, data }) => [type, key, data])
}

describe('when the link of a target ends', () => {
  it('what it had may have run, what never left surely did not', () => {
    const world = new World()
    const service = world.service('s', ['m'], ['jam'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm' })
    jam(service, edge)
    edge.send({ type: CALL, id: 2, key: 'm' }, { type: MESSAGE, id: 3, key: 'jam' })
    service.leave()
    const failures = edge.received.map(({ type, id, key, flags }) => [type, id, key, flags & (Flag.MAYBE | Flag.RETRYABLE | Flag.GATEWAY)])
    const gateway = Flag.GATEWAY | Flag.RETRYABLE
    expect(failures).toEqual([
      ['ANSWER', 1, 'EOF', gateway | Flag.MAYBE],
      ['ANSWER', 2, 'EOF', gateway],
      ['ACK', 3, 'EOF', gateway],
    ])
    expect([world.exchange.pendingCount, edge.peer.asked]).toEqual([0, 0])
  })

  it('what never left goes to the next service, in order, behind nothing that came later', () => {
    const world = new World()
    const service = world.service('s', ['m'], ['jam', 't'])
    const edge = world.edge()
    jam(service, edge)
    for (let i = 0; i < 20; i++) edge.send({ type: i % 3 === 0 ? CALL : MESSAGE, id: i, key: i % 3 === 0 ? 'm' : 't', data: toBytes(String(i)) })
    const next = world.service('s', ['m'], ['t'])
    service.leave()
    edge.send({ type: MESSAGE, id: 20, key: 't', data: toBytes('20') })
    expect(brief(next).map(([, , data]) => Number(data))).toEqual(Array.from({ length: 21 }, (_, i) => i))
    expect(edge.received).toEqual([])
    expect([world.exchange.pendingCount, next.peer.owed, edge.peer.asked]).toEqual([21, 21, 21])
    expect(world.exchange.counters.rerouted).toBe(20)
  })

  it('and its answers come back from there', () => {
    const world = new World()
    const service = world.service('s', ['m'], ['jam'])
    const edge = world.edge()
    jam(service, edge)
    edge.send({ type: CALL, id: 5, key: 'm', meta: toBytes('x') })
    const next = world.service('other', ['m'])
    service.leave()
    const call = next.only
    expect([call.peer, call.meta]).toEqual([edge.peer.id, 'x'])
    next.send({ type: ANSWER, id: call.id })
    expect(edge.only).toMatchObject({ type: 'ANSWER', id: 5 })
  })

  it('goes on with what is left of its time, and never with more than it came with', () => {
    for (const [waitMs, low, high] of [
      [0, 4500, 5000],
      [2000, 2500, 3000],
    ] as const) {
      const world = new World()
      const service = world.service('s', ['m'], ['jam'])
      const edge = world.edge()
      jam(service, edge)
      edge.send({ type: CALL, id: 1, key: 'm', budgetMs: 5000 }, { type: CALL, id: 2, key: 'm' })
      const next = world.service('s', ['m'])
      world.pass(waitMs)
      service.leave()
      const [limited, unlimited] = next.received
      expect(limited!.budgetMs).toBeGreaterThanOrEqual(low)
      expect(limited!.budgetMs).toBeLessThanOrEqual(high)
      expect(unlimited!.budgetMs).toBe(0xffff_ffff)
      world.pass(8000)
      expect(edge.received.map(({ id, key }) => [id, key])).toEqual([[1, 'TIMEOUT']])
    }
  })

  it('is not sent on when its time is up', () => {
    const world = new World()
    const service = world.service('s', ['m'], ['jam'])
    const edge = world.edge()
    jam(service, edge)
    edge.send({ type: CALL, id: 1, key: 'm', budgetMs: 1000 })
    const next = world.service('s', ['m'])
    world.pass(1500)
    service.leave()
    expect(next.received).toEqual([])
    expect(edge.refusal).toMatchObject({ id: 1, code: 'EOF', delivered: 'no' })
  })

  it('goes to whoever takes * when nobody takes the topic any more', () => {
    const world = new World()
    const service = world.service('s', [], ['jam', 't'])
    const all = world.service('all', [], ['*'])
    const edge = world.edge()
    jam(service, edge)
    edge.send({ type: MESSAGE, id: 1, key: 't' })
    service.leave()
    expect(brief(all)).toEqual([['MESSAGE', 't', '']])
  })

  it('is refused like any request when the next has no room', () => {
    const world = new World({ limits: { service: { maxOwed: 16 } } })
    const service = world.service('s', ['m'], ['jam'])
    const edge = world.edge()
    jam(service, edge)
    edge.send({ type: CALL, id: 1, key: 'm' }, { type: CALL, id: 2, key: 'm' })
    const next = world.service('s', ['m', 'n'])
    edge.send({ type: CALL, id: 3, key: 'n' })
    service.leave()
    expect(edge.refusal).toMatchObject({ id: 2, code: 'BUFFER_FULL' })
    expect(next.received).toHaveLength(2)
    expect(world.exchange.pendingCount).toBe(2)
  })

  it('is not sent on when it was cancelled, or nobody waits for an answer', () => {
    const world = new World()
    const service = world.service('s', ['m'], ['jam'])
    const edge = world.edge()
    jam(service, edge)
    edge.send({ type: CALL, id: 1, key: 'm' }, { type: FrameType.CANCEL, id: 1 }, { type: MESSAGE, id: 2, key: 'jam', flags: Flag.NO_ACK })
    const next = world.service('s', ['m'], ['jam'])
    service.leave()
    expect([next.received, edge.received]).toEqual([[], []])
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('fragments are not sent on: the sender does that, and knows that it may', () => {
    const world = new World()
    const service = world.service('s', ['m'], ['jam'])
    const edge = world.edge()
    jam(service, edge)
    const fragment = (id: number, flags: number, body: Uint8Array): Uint8Array => encodeRawFrame({ type: CALL, id, flags, body })
    edge.send(fragment(1, Flag.MORE, encodeBodyPrefix(toBytes('m'), new Uint8Array())), fragment(1, Flag.CONT, new Uint8Array(9)))
    edge.send(fragment(2, Flag.MORE, encodeBodyPrefix(toBytes('m'), new Uint8Array())))
    const next = world.service('s', ['m'])
    service.leave()
    edge.send(fragment(2, Flag.CONT, new Uint8Array(9)))
    expect(next.received).toEqual([])
    const gateway = Flag.ERROR | Flag.GATEWAY | Flag.RETRYABLE
    expect(edge.received.map(({ id, key, flags }) => [id, key, flags])).toEqual([
      [1, 'EOF', gateway],
      [2, 'EOF', gateway],
    ])
  })

  it('a service that says goodbye reads nothing more: what waits for it goes elsewhere', () => {
    const world = new World()
    const service = world.service('s', ['m'], ['jam'])
    const edge = world.edge()
    jam(service, edge)
    edge.send({ type: CALL, id: 1, key: 'm' })
    const next = world.service('s', ['m'])
    service.send({ type: GOODBYE, key: 'EOF', data: toBytes('bye') })
    expect(brief(next)).toEqual([['CALL', 'm', '']])
    expect(service.pipe.hasEnded).toBe(true)
    expect(world.offline).toEqual([{ peer: service.peer, code: 'EOF' }])
  })

  it('an edge that is replaced says so', () => {
    const world = new World()
    const service = world.service('s')
    const edge = world.edge()
    service.send({ type: CALL, id: 1, key: 'm', peer: edge.peer.id })
    edge.peer.close(new FrontierError('REPLACED', 'a newer link'))
    expect(edge.received.map(({ type, key }) => [type, key])).toEqual([
      ['CALL', 'm'],
      ['GOODBYE', 'REPLACED'],
    ])
    expect(service.refusal).toMatchObject({ id: 1, code: 'REPLACED', delivered: 'maybe' })
    const newcomer = world.edge({ id: edge.peer.id })
    service.send({ type: CALL, id: 2, key: 'm', peer: edge.peer.id })
    expect(newcomer.only.key).toBe('m')
  })
})

describe('when the link of a source ends', () => {
  it('what it asked for is cancelled, and the answers are ignored', () => {
    const world = new World()
    const service = world.service('s', ['m'], ['t'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm' }, { type: MESSAGE, id: 2, key: 't' })
    const [call, message] = service.received
    edge.leave()
    expect(service.received.map(({ type, id }) => [type, id]).sort()).toEqual([
      ['CANCEL', call!.id],
      ['CANCEL', message!.id],
    ])
    expect([service.peer.owed, world.exchange.edges.size]).toEqual([2, 0])
    service.send({ type: ANSWER, id: call!.id }, { type: FrameType.ACK, id: message!.id })
    expect([world.exchange.pendingCount, service.peer.owed]).toEqual([0, 0])
  })

  it('a peer that asks itself in a circle leaves nothing behind', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm' })
    service.send({ type: CALL, id: 1, key: 'm', peer: edge.peer.id })
    edge.leave()
    service.leave()
    expect(world.exchange.pendingCount).toBe(0)
    expect([edge.peer.held, edge.peer.owed, service.peer.held, service.peer.owed]).toEqual([0, 0, 0, 0])
  })

  it('a source that is cut off by an answer takes nobody with it', () => {
    const world = new World({ limits: { edge: { markBytes: 1000, hardMarkBytes: 2000 } } })
    const service = world.service('s', ['m'])
    const [edge, other] = [world.edge(), world.edge()]
    edge.pipe.isStuck = true
    edge.send({ type: CALL, id: 1, key: 'm' }, { type: CALL, id: 2, key: 'm' }, { type: CALL, id: 3, key: 'm' })
    other.send({ type: CALL, id: 1, key: 'm' })
    const calls = service.received
    // All in one chunk: the second answer ends the link of the edge, the rest goes on.
    service.send(...calls.map(({ id }) => ({ type: ANSWER, id, data: new Uint8Array(1500) })))
    expect(edge.pipe.hasEnded).toBe(true)
    expect(other.only.type).toBe('ANSWER')
    expect(world.exchange.pendingCount).toBe(0)
  })
})
