import { encodeBodyPrefix, encodeRawFrame, Flag, FrameType, toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { World, type TestPeer } from '../test/world.js'

const { CALL, ANSWER, CANCEL, MESSAGE, ACK, PROGRESS } = FrameType
const { MORE, CONT, ERROR, REPLY, NO_ACK } = Flag
const PREFIX = encodeBodyPrefix(toBytes('m'), new Uint8Array())

function first(id: number, options: { type?: number; flags?: number; peer?: bigint; bytes?: number; budgetMs?: number } = {}): Uint8Array {
  const { type = CALL, flags = 0, bytes = 100, ...rest } = options
  const body = new Uint8Array(PREFIX.length + bytes)
  body.set(PREFIX)
  return encodeRawFrame({ type, id, flags: MORE | flags, body, ...rest })
}

function next(id: number, options: { type?: number; flags?: number; bytes?: number } = {}): Uint8Array {
  const { type = CALL, flags = 0, bytes = 100 } = options
  return encodeRawFrame({ type, id, flags: CONT | flags, body: new Uint8Array(bytes) })
}

const progress = (id: number, flags = 0): Uint8Array => encodeRawFrame({ type: PROGRESS, id, flags, body: Uint8Array.of(0, 0, 0, 9) })
const brief = ({ type, id, flags }: { type: string; id: number; flags: number }): unknown[] => [type, id, flags & (MORE | CONT)]

function pair(options?: ConstructorParameters<typeof World>[0]): { world: World; service: TestPeer; edge: TestPeer } {
  const world = new World(options)
  return { world, service: world.service('s', ['m'], ['m']), edge: world.edge() }
}

describe('a fragmented request', () => {
  it('passes fragment by fragment, other frames between, with progress back', () => {
    const { world, service, edge } = pair()
    edge.send(first(1), { type: CALL, id: 2, key: 'm' }, next(1, { flags: MORE }))
    const seen = service.received
    const id = seen[0]!.id
    expect(seen.map(brief)).toEqual([
      ['CALL', id, MORE],
      ['CALL', seen[1]!.id, 0],
      ['CALL', id, CONT | MORE],
    ])
    service.send(progress(id))
    expect(edge.only).toMatchObject({ type: 'PROGRESS', id: 1 })
    edge.send(next(1))
    expect(service.received.map(brief)).toEqual([['CALL', id, CONT]])
    service.send({ type: ANSWER, id })
    expect(edge.only).toMatchObject({ type: 'ANSWER', id: 1 })
    expect(world.exchange.pendingCount).toBe(1)
  })

  it('that was refused is not passed on, however much of it comes', () => {
    const { world, service, edge } = pair()
    edge.send(encodeRawFrame({ type: CALL, id: 1, flags: MORE, body: encodeBodyPrefix(toBytes('nobody'), new Uint8Array()) }), next(1, { flags: MORE }), next(1))
    expect(edge.refusal.code).toBe('RPC_NOT_ONLINE')
    expect(service.received).toEqual([])
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('ends early when the target answers before it has everything', () => {
    const { world, service, edge } = pair()
    edge.send(first(1))
    service.send({ type: ANSWER, id: service.only.id, flags: ERROR, key: 'PAYLOAD_TOO_LARGE' })
    edge.send(next(1))
    expect(edge.refusal.code).toBe('PAYLOAD_TOO_LARGE')
    expect(service.received).toEqual([])
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('above the limit is PAYLOAD_TOO_LARGE, and the target is told to forget it', () => {
    const { world, service, edge } = pair({ maxPayloadBytes: 10_000 })
    edge.send(first(1, { bytes: 4000 }), next(1, { flags: MORE, bytes: 5000 }))
    expect(edge.received).toEqual([])
    edge.send(next(1, { flags: MORE, bytes: 2000 }), next(1))
    expect(edge.refusal).toMatchObject({ type: 'ANSWER', id: 1, code: 'PAYLOAD_TOO_LARGE', delivered: 'no' })
    expect(service.received.map(({ type }) => type)).toEqual(['CALL', 'CALL', 'CANCEL'])
    expect(world.exchange.pendingCount).toBe(0)
    edge.send({ type: CALL, id: 2, key: 'm', data: new Uint8Array(10_100) })
    expect(edge.refusal).toMatchObject({ id: 2, code: 'PAYLOAD_TOO_LARGE' })
  })

  it('of just the limit passes, in small fragments, too', () => {
    const { edge, service } = pair({ maxPayloadBytes: 10_001 })
    edge.send(first(1, { bytes: 4000 }))
    for (let left = 6000; left > 0; left -= 10) edge.send(next(1, { flags: left > 10 ? MORE : 0, bytes: 10 }))
    expect(edge.received).toEqual([])
    expect(service.received).toHaveLength(601)
  })

  it('may be cancelled in the middle: the place is free, the rest is ignored', () => {
    const { world, service, edge } = pair()
    edge.send(first(1))
    const { id } = service.only
    edge.send({ type: CANCEL, id: 1 }, next(1, { flags: MORE }), next(1))
    expect(service.only).toMatchObject({ type: 'CANCEL', id })
    expect([world.exchange.pendingCount, service.peer.owed]).toEqual([0, 0])
  })

  it('fails when the target gets too far behind', () => {
    const { world, service, edge } = pair({ limits: { service: { markBytes: 50_000 } } })
    edge.send(first(1))
    service.pipe.isStuck = true
    const other = world.edge()
    for (let i = 0; i < 8; i++) other.send({ type: MESSAGE, id: i, key: 'm', data: new Uint8Array(6000), flags: NO_ACK })
    while (service.peer.link.queuedBytes <= 50_000) world.edge().send({ type: MESSAGE, id: 1, key: 'm', data: new Uint8Array(6000), flags: NO_ACK })
    edge.send(next(1, { flags: MORE }))
    expect(edge.refusal).toMatchObject({ id: 1, code: 'BUFFER_FULL', delivered: 'no' })
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('cannot fill more than half of the mark from one source', () => {
    const { service, edge } = pair({ limits: { service: { markBytes: 100_000 } } })
    service.pipe.isStuck = true
    edge.send(first(1))
    for (let i = 0; i < 20; i++) edge.send(next(1, { flags: MORE, bytes: 10_000 }))
    expect(edge.refusal.code).toBe('BUFFER_FULL')
    expect(service.peer.link.queuedBytes).toBeLessThan(80_000)
  })

  it('with fragments of another type ends the link it came on', () => {
    const { service, edge } = pair()
    edge.send(first(1), next(1, { type: MESSAGE }))
    expect(edge.only.key).toBe('PROTOCOL_ERROR')
    expect(service.received.map(({ type }) => type)).toEqual(['CALL', 'CANCEL'])
    expect(service.pipe.hasEnded).toBe(false)
  })

  it('without acknowledgement lives while its fragments pass', () => {
    const { world, service, edge } = pair()
    edge.send(first(1, { type: MESSAGE, flags: NO_ACK }), next(1, { type: MESSAGE, flags: MORE }))
    expect(world.exchange.pendingCount).toBe(1)
    edge.send(next(1, { type: MESSAGE }), next(1, { type: MESSAGE }))
    expect(service.received).toHaveLength(3)
    expect([world.exchange.pendingCount, edge.received]).toEqual([0, []])
  })

  it('that never ends fails with its deadline: it surely did not run', () => {
    const { world, service, edge } = pair()
    edge.send(first(1, { budgetMs: 1000 }), first(2, { type: MESSAGE, flags: NO_ACK, budgetMs: 1000 }))
    world.pass(3000)
    expect(edge.refusal).toMatchObject({ id: 1, code: 'TIMEOUT', delivered: 'no' })
    expect(service.received.map(({ type }) => type)).toEqual(['CALL', 'MESSAGE', 'CANCEL', 'CANCEL'])
    expect(world.exchange.pendingCount).toBe(0)
  })
})

describe('a fragmented answer', () => {
  it('passes fragment by fragment, with progress back', () => {
    const { world, service, edge } = pair()
    edge.send({ type: CALL, id: 1, key: 'm' })
    const { id } = service.only
    service.send(first(id, { type: ANSWER }), next(id, { type: ANSWER, flags: MORE }))
    edge.send(progress(1, REPLY))
    expect(service.only).toMatchObject({ type: 'PROGRESS', id, flags: REPLY })
    service.send(next(id, { type: ANSWER }))
    expect(edge.received.map(brief)).toEqual([
      ['ANSWER', 1, MORE],
      ['ANSWER', 1, CONT | MORE],
      ['ANSWER', 1, CONT],
    ])
    expect(world.exchange.pendingCount).toBe(0)
  })

  it.each([
    ['begins twice', (id: number) => [first(id, { type: ANSWER }), first(id, { type: ANSWER })]],
    ['goes on but did not begin', (id: number) => [next(id, { type: ANSWER, flags: MORE })]],
    ['ends but did not begin', (id: number) => [next(id, { type: ANSWER })]],
    ['ends with a whole one', (id: number) => [first(id, { type: ANSWER }), encodeRawFrame({ type: ANSWER, id })]],
  ])('that %s ends the link it came on, and not that of the caller', (_, frames) => {
    const { service, edge } = pair()
    edge.send({ type: CALL, id: 1, key: 'm' })
    service.send(...frames(service.only.id))
    expect(service.only.key).toBe('PROTOCOL_ERROR')
    const failure = edge.received.at(-1)!
    expect([failure.id, failure.key]).toEqual([1, 'EOF'])
    expect(edge.pipe.hasEnded).toBe(false)
  })

  it('may end in an error', () => {
    const { world, service, edge } = pair()
    edge.send({ type: CALL, id: 1, key: 'm' })
    const { id } = service.only
    service.send(first(id, { type: ANSWER }), { type: ANSWER, id, flags: ERROR, key: 'REMOTE_ERROR' })
    expect(edge.received.map(({ key }) => key)).toEqual(['', 'REMOTE_ERROR'])
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('above the limit is PAYLOAD_TOO_LARGE for the caller, and the target is told to stop', () => {
    const { world, service, edge } = pair({ maxPayloadBytes: 10_000 })
    edge.send({ type: CALL, id: 1, key: 'm' })
    const { id } = service.only
    service.send(first(id, { type: ANSWER, bytes: 9000 }), next(id, { type: ANSWER, flags: MORE, bytes: 2000 }), next(id, { type: ANSWER }))
    const [, failure, ...more] = edge.received
    expect([failure!.key, failure!.flags & Flag.MAYBE, more]).toEqual(['PAYLOAD_TOO_LARGE', Flag.MAYBE, []])
    expect(service.only).toMatchObject({ type: 'CANCEL', id })
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('cannot close a caller that is behind: it fails first', () => {
    const { world, service, edge } = pair({ limits: { edge: { markBytes: 50_000, hardMarkBytes: 100_000 } } })
    edge.pipe.isStuck = true
    edge.send({ type: CALL, id: 1, key: 'm' })
    const { id } = service.only
    service.send(first(id, { type: ANSWER, bytes: 20_000 }))
    for (let i = 0; i < 20; i++) service.send(next(id, { type: ANSWER, flags: MORE, bytes: 20_000 }))
    expect(edge.pipe.hasEnded).toBe(false)
    expect(edge.peer.link.queuedBytes).toBeLessThan(100_000)
    edge.pipe.isStuck = false
    edge.pipe.drain()
    expect(edge.received.at(-1)!.key).toBe('BUFFER_FULL')
    expect(service.received.map(({ type }) => type)).toEqual(['CANCEL'])
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('that was cancelled keeps its place until the last fragment', () => {
    const { world, service, edge } = pair()
    edge.send({ type: CALL, id: 1, key: 'm' })
    const { id } = service.only
    service.send(first(id, { type: ANSWER }))
    edge.received.length = 0
    edge.send({ type: CANCEL, id: 1 })
    service.send(next(id, { type: ANSWER, flags: MORE }), progress(id))
    expect([edge.received, world.exchange.pendingCount]).toEqual([[], 1])
    service.send(next(id, { type: ANSWER }))
    expect([edge.received, world.exchange.pendingCount]).toEqual([[], 0])
  })
})

describe('PROGRESS', () => {
  it('about unknown or foreign requests is ignored', () => {
    const { world, service, edge } = pair()
    const other = world.edge()
    other.send({ type: CALL, id: 1, key: 'm' }, { type: CANCEL, id: 1 })
    edge.send(first(1))
    const { id } = service.received.at(-1)!
    edge.send(progress(5), progress(id), progress(77, REPLY))
    other.send(progress(1), progress(id), progress(1, REPLY))
    service.send(progress(99), progress(id, REPLY))
    expect([edge.received, service.received, other.received]).toEqual([[], [], []])
  })

  it('with a body that is no count ends the link', () => {
    const { edge } = pair()
    edge.sendRaw({ type: PROGRESS, id: 1, body: new Uint8Array(5) })
    expect(edge.only.key).toBe('PROTOCOL_ERROR')
  })

  it('in masses closes nobody', () => {
    const { service, edge } = pair({ limits: { service: { markBytes: 10_000, hardMarkBytes: 20_000 } } })
    service.pipe.isStuck = true
    edge.send({ type: CALL, id: 1, key: 'm' })
    for (let i = 0; i < 2000; i++) edge.sendOnly(progress(1, REPLY))
    edge.send(progress(1, REPLY))
    expect(service.pipe.hasEnded).toBe(false)
    expect(service.peer.link.queuedBytes).toBeLessThan(11_000)
  })
})

describe('an ACK', () => {
  it('with fragments is none', () => {
    const { service, edge } = pair()
    edge.send({ type: MESSAGE, id: 1, key: 'm' })
    service.send(next(service.only.id, { type: ACK }))
    expect(service.only.key).toBe('PROTOCOL_ERROR')
  })
})
