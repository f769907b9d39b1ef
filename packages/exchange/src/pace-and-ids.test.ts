// Two things that end-to-end tests found (test/guarantees, 5 and 10).
import { Flag, FrameType } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { World } from '../test/world.js'

const { CALL, MESSAGE } = FrameType

describe('a peer that takes nothing', () => {
  it('is closed in time although one source may not fill its queue up to the mark', () => {
    const world = new World({ limits: { edge: { markBytes: 80_000, slowAfterMs: 10_000 } } })
    const service = world.service('s')
    const edge = world.edge()
    const check = (ms: number): void => {
      world.passChecking(edge.peer, ms)
    }
    edge.pipe.isStuck = true
    service.send({ type: MESSAGE, id: 1, key: 't', peer: edge.peer.id, data: new Uint8Array(100) })
    check(8000)
    edge.pipe.drain()
    check(30_000)
    expect(edge.pipe.hasEnded).toBe(false)
    service.send({ type: MESSAGE, id: 2, key: 't', peer: edge.peer.id, data: new Uint8Array(100) })
    check(9000)
    expect(edge.pipe.hasEnded).toBe(false)
    check(2000)
    expect(world.offline).toEqual([{ peer: edge.peer, code: 'SLOW_CONSUMER' }])
  })
})

describe('what nothing answers', () => {
  it('has no id at its receiver, where a request may have the one that its sender gave it', () => {
    const world = new World()
    const service = world.service('s', ['m'], ['t'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm' }, { type: MESSAGE, id: 1, key: 't', flags: Flag.NO_ACK })
    const [call, message] = service.received
    expect(call!.id).not.toBe(0)
    expect(message!.id).toBe(0)
  })

  it('is no call, whatever its flags say', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 7, key: 'm', flags: Flag.NO_ACK })
    service.send({ type: FrameType.ANSWER, id: service.only.id })
    expect(edge.only.id).toBe(7)
  })
})
