import { FrameType, Flag, FrontierError, toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { World } from '../test/world.js'
import { resolveExchangeOptions } from './exchange-options.js'

const { CALL, ANSWER, MESSAGE, PING, GOODBYE, REGISTER, UNREGISTER, OPEN } = FrameType
const { TOPIC, DRAIN, ERROR } = Flag

describe('registrations', () => {
  it('are in force when the answer arrives, and until they are taken back', () => {
    const world = new World()
    const service = world.service('s')
    const edge = world.edge()
    service.send({ type: REGISTER, id: 1, key: 'm' }, { type: REGISTER, id: 2, key: 't', flags: TOPIC })
    expect(service.received.map(({ type, id, flags }) => [type, id, flags])).toEqual([
      ['ANSWER', 1, 0],
      ['ANSWER', 2, 0],
    ])
    edge.send({ type: CALL, id: 1, key: 'm' }, { type: MESSAGE, id: 2, key: 't' })
    expect(service.received).toHaveLength(2)
    expect([service.peer.methods, service.peer.topics]).toEqual([['m'], ['t']])
    service.send({ type: UNREGISTER, id: 3, key: 'm' }, { type: UNREGISTER, id: 4, key: 't' })
    expect(service.received).toHaveLength(2)
    edge.send({ type: CALL, id: 3, key: 'm' }, { type: MESSAGE, id: 4, key: 't' })
    expect(service.only.type).toBe('MESSAGE')
    expect(edge.refusal).toMatchObject({ id: 3, code: 'RPC_NOT_ONLINE' })
    expect(world.registered).toEqual(['+method m', '+topic t', '-method m'])
  })

  it('count once, however often they come', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    service.send({ type: REGISTER, id: 1, key: 'm' }, { type: REGISTER, id: 2, key: 'n' }, { type: REGISTER, id: 3, key: 'n' })
    expect(service.received.map(({ type }) => type)).toEqual(['ANSWER', 'ANSWER', 'ANSWER'])
    expect(service.peer.methods).toEqual(['m', 'n'])
    expect(world.registered).toEqual(['+method n'])
    service.send({ type: UNREGISTER, id: 4, key: 'never' })
    expect(service.only).toMatchObject({ type: 'ANSWER', id: 4, flags: 0 })
    expect(world.registered).toEqual(['+method n'])
  })

  it('of an edge are methods, and never hooks', () => {
    const world = new World()
    const edge = world.edge()
    edge.send({ type: REGISTER, id: 1, key: 'm' })
    expect(edge.only.flags).toBe(0)
    edge.send({ type: REGISTER, id: 2, key: 't', flags: TOPIC })
    expect(edge.refusal).toMatchObject({ type: 'ANSWER', id: 2, code: 'PERMISSION_DENIED' })
    edge.send({ type: REGISTER, id: 3, key: 'edge_online' })
    expect(edge.refusal.code).toBe('PERMISSION_DENIED')
    expect(edge.peer.methods).toEqual(['m'])
    expect([world.exchange.methods.size, world.exchange.hookServices('edge_online')]).toEqual([0, []])
    expect(() => world.edge({ methods: ['edge_online'] })).toThrow(expect.objectContaining({ code: 'PERMISSION_DENIED' }))
    expect(world.exchange.edges.size).toBe(1)
  })

  it('are names', () => {
    const world = new World()
    const service = world.service('s')
    service.send({ type: REGISTER, id: 1, key: '' })
    expect(service.refusal.code).toBe('INVALID_ARGUMENT')
    service.send({ type: REGISTER, id: 1, key: Uint8Array.of(0xff, 0xfe) })
    expect(service.only.key).toBe('PROTOCOL_ERROR')
    const other = world.service('s')
    other.send({ type: REGISTER, id: 1, key: 'm', flags: Flag.MORE })
    expect(other.only.key).toBe('PROTOCOL_ERROR')
    for (const name of ['', 'x'.repeat(1025), 'ü'.repeat(600)]) {
      expect(() => world.service('s', [name])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    }
    expect(world.service('s', ['ü'.repeat(512)]).peer.isOnline).toBe(true)
  })

  it('have a limit', () => {
    const world = new World({ limits: { service: { maxNames: 3 } } })
    const service = world.service('s', ['a'], ['b'])
    service.send({ type: REGISTER, id: 1, key: 'c' })
    expect(service.only.flags).toBe(0)
    service.send({ type: REGISTER, id: 2, key: 'd' })
    expect(service.refusal.code).toBe('RATE_LIMITED')
    service.send({ type: UNREGISTER, id: 3, key: 'a' }, { type: REGISTER, id: 4, key: 'd' })
    expect(service.received.map(({ flags }) => flags & ERROR)).toEqual([0, 0])
    expect(() => world.service('s', ['a', 'b'], ['c', 'd'])).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }))
    expect(world.exchange.services.size).toBe(1)
  })

  it('of 30,000 names one by one take no time to speak of', () => {
    const world = new World()
    const service = world.service('s')
    const began = performance.now()
    for (let i = 0; i < 30_000; i++) service.sendOnly({ type: REGISTER, id: i + 1, key: `method ${i}` })
    for (let i = 0; i < 30_000; i++) service.sendOnly({ type: UNREGISTER, id: i + 1, key: `method ${i}` })
    expect(performance.now() - began).toBeLessThan(8000)
    expect(service.received).toHaveLength(60_000)
    expect(world.exchange.methods.size).toBe(0)
  })
})

describe('draining', () => {
  it('a service that asks for it gets no new requests, and finishes what it has', () => {
    const world = new World()
    const service = world.service('s', ['m', 'get_edge_id'], ['t'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm' })
    const call = service.only
    service.send({ type: GOODBYE, flags: DRAIN })
    expect(service.only).toMatchObject({ type: 'GOODBYE', flags: DRAIN })
    edge.send({ type: CALL, id: 2, key: 'm' }, { type: MESSAGE, id: 3, key: 't' }, { type: OPEN, id: 1, key: 's' })
    expect(edge.received.map(({ key }) => key)).toEqual(['RPC_NOT_ONLINE', 'TOPIC_NOT_ONLINE', 'SERVICE_NOT_ONLINE'])
    expect(world.exchange.hookServices('get_edge_id')).toEqual([])
    service.send({ type: REGISTER, id: 1, key: 'late' })
    expect(service.only.flags).toBe(0)
    edge.send({ type: CALL, id: 4, key: 'late' })
    expect(edge.refusal.code).toBe('RPC_NOT_ONLINE')
    // What it asks for itself goes on.
    service.send({ type: CALL, id: 9, key: 'x', peer: edge.peer.id })
    expect(edge.only.key).toBe('x')
    expect(world.exchange.isQuiet(service.peer)).toBe(false)
    service.send({ type: ANSWER, id: call.id })
    expect(edge.only.id).toBe(1)
    expect([world.exchange.services.size, world.offline]).toEqual([1, []])
    service.leave()
    expect([world.exchange.services.size, world.exchange.methods.size, world.exchange.topics.size, world.exchange.names.size]).toEqual([0, 0, 0, 0])
    expect(world.offline).toHaveLength(1)
  })

  it('an edge that asks for it cannot be reached, and its id is free', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const edge = world.edge()
    edge.send({ type: GOODBYE, flags: DRAIN }, { type: GOODBYE, flags: DRAIN })
    expect(edge.received.map(({ type, flags }) => [type, flags])).toEqual([
      ['GOODBYE', DRAIN],
      ['GOODBYE', DRAIN],
    ])
    service.send({ type: CALL, id: 1, key: 'x', peer: edge.peer.id }, { type: OPEN, id: 1, peer: edge.peer.id })
    expect(service.received.map(({ key }) => key)).toEqual(['EDGE_NOT_ONLINE', 'EDGE_NOT_ONLINE'])
    edge.send({ type: CALL, id: 1, key: 'm' })
    expect(service.only.key).toBe('m')
    const newcomer = world.edge({ id: edge.peer.id })
    edge.leave()
    service.received.length = 0
    expect(world.exchange.edges.get(edge.peer.id)).toBe(newcomer.peer)
    service.send({ type: CALL, id: 2, key: 'x', peer: edge.peer.id })
    expect(newcomer.only.key).toBe('x')
  })
})

describe('peers', () => {
  it('are answered pings with what they carried', () => {
    const world = new World()
    const edge = world.edge()
    edge.sendRaw({ type: PING, id: 77, body: new Uint8Array(64).fill(5) })
    const pong = edge.only
    expect([pong.type, pong.id, [...new Set(pong.bytes.subarray(24))]]).toEqual(['PONG', 77, [5]])
    edge.sendRaw({ type: PING, id: 1, body: new Uint8Array(65) })
    expect(edge.only.key).toBe('PROTOCOL_ERROR')
  })

  it.each([0, 1, 2, 0x06, 0x16, 0x1a, 0x24, 0x30, 0x31, 0x32, 0x33, 0x7f])('are closed for a frame of type %i', (type) => {
    const world = new World()
    const edge = world.edge()
    edge.send({ type, id: 1 })
    expect(edge.only).toMatchObject({ type: 'GOODBYE', key: 'PROTOCOL_ERROR' })
    expect(world.offline).toEqual([{ peer: edge.peer, code: 'PROTOCOL_ERROR' }])
  })

  it('may send frames of later versions, and unasked pongs', () => {
    const world = new World()
    const edge = world.edge()
    edge.send({ type: 0x80, id: 1 }, { type: 0xff, id: 1, data: toBytes('x') }, { type: FrameType.PONG, id: 1 })
    expect([edge.received, world.offline]).toEqual([[], []])
  })

  it('are told to be offline once, and are online before', () => {
    const world = new World()
    const edge = world.edge()
    expect(edge.peer.isOnline).toBe(true)
    edge.leave()
    edge.leave()
    edge.peer.close(new FrontierError('KICKED', 'x'))
    expect(edge.peer.isOnline).toBe(false)
    expect(world.offline).toHaveLength(1)
  })

  it('cannot be added once their links are over', () => {
    const world = new World()
    const edge = world.edge()
    edge.leave()
    expect(() => world.exchange.add(edge.peer, { methods: [], topics: [] })).toThrow(expect.objectContaining({ code: 'EOF' }))
    expect(world.exchange.edges.size).toBe(0)
  })

  it('that are stuck are closed without what waits for them', () => {
    const world = new World({ limits: { edge: { markBytes: 1000 } } })
    const service = world.service('s')
    const edge = world.edge()
    edge.pipe.isStuck = true
    for (let id = 0; id < 2; id++) service.send({ type: MESSAGE, id, key: 't', peer: edge.peer.id, data: new Uint8Array(900) })
    edge.peer.close(new FrontierError('KICKED', 'x'))
    expect(edge.received.map(({ type }) => type)).toEqual(['MESSAGE', 'GOODBYE'])
  })

  it('of one name share its requests, and move only the share of one that leaves', () => {
    const world = new World()
    const services = Array.from({ length: 4 }, () => world.service('s', ['m']))
    const edges = Array.from({ length: 200 }, () => world.edge())
    const ask = (): Map<bigint, bigint> => {
      for (const edge of edges) edge.send({ type: MESSAGE, id: 1, key: 'none', flags: Flag.NO_ACK }, { type: CALL, id: 1, key: 'm' })
      const chosen = new Map<bigint, bigint>()
      for (const service of services) {
        for (const call of service.received) {
          chosen.set(call.peer, service.peer.id)
          service.send({ type: ANSWER, id: call.id })
        }
      }
      return chosen
    }
    const before = ask()
    const again = ask()
    expect(again).toEqual(before)
    const [gone] = services.splice(1, 1)
    gone!.leave()
    const after = ask()
    expect(after.size).toBe(200)
    const moved = [...after].filter(([edge, service]) => before.get(edge) !== service)
    expect(moved.length).toBeGreaterThan(20)
    for (const [edge] of moved) expect(before.get(edge)).toBe(gone!.peer.id)
  })
})

describe('callService', () => {
  const call = (world: World, service: ReturnType<World['service']>, timeoutMs = 5000, meta: Uint8Array = new Uint8Array()): Promise<Uint8Array> =>
    world.exchange.callService(service.peer, 'edge_online', { meta, data: toBytes('about'), peer: 7n, timeoutMs })

  it('calls a hook and resolves with its answer', async () => {
    const world = new World()
    const service = world.service('s', ['edge_online'])
    expect(world.exchange.hookServices('edge_online')).toEqual([service.peer])
    const answered = call(world, service, 5000, toBytes('meta'))
    const seen = service.only
    expect([seen.type, seen.key, seen.meta, seen.data, seen.peer, seen.budgetMs]).toEqual(['CALL', 'edge_online', 'meta', 'about', 7n, 5000])
    service.send({ type: ANSWER, id: seen.id, data: toBytes('yes') })
    expect(Buffer.from(await answered).toString()).toBe('yes')
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('rejects with the error of the service', async () => {
    const world = new World()
    const service = world.service('s')
    const refused = call(world, service)
    service.send({ type: ANSWER, id: service.only.id, flags: ERROR, key: 'PERMISSION_DENIED', data: toBytes('no') })
    await expect(refused).rejects.toMatchObject({ code: 'PERMISSION_DENIED', origin: 'peer', delivered: 'no' })
  })

  it('rejects with TIMEOUT when the time is up, not a second later, and ignores the late answer', async () => {
    const world = new World()
    const service = world.service('s')
    const late = call(world, service, 1000)
    const { id } = service.only
    world.pass(1500)
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT', delivered: 'maybe', origin: 'gateway' })
    expect(service.only).toMatchObject({ type: 'CANCEL', id })
    service.send({ type: ANSWER, id })
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('never times out when it has no limit', async () => {
    const world = new World()
    const service = world.service('s')
    const patient = call(world, service, Number.POSITIVE_INFINITY)
    const { id, budgetMs } = service.only
    expect(budgetMs).toBe(0xffff_ffff)
    world.pass(100_000)
    service.send({ type: ANSWER, id })
    expect(await patient).toHaveLength(0)
  })

  it('rejects with EOF when the service goes, and says whether it can have heard', async () => {
    const world = new World()
    const service = world.service('s')
    const sent = call(world, service)
    world.endTurn()
    service.pipe.isStuck = true
    const stuck = call(world, service)
    world.endTurn()
    const unsent = call(world, service)
    // Another service of the name does not get it: who asked decides.
    const other = world.service('s', ['edge_online'])
    service.leave()
    await expect(sent).rejects.toMatchObject({ code: 'EOF', delivered: 'maybe' })
    await expect(stuck).rejects.toMatchObject({ code: 'EOF', delivered: 'maybe' })
    await expect(unsent).rejects.toMatchObject({ code: 'EOF', delivered: 'no' })
    await expect(call(world, service)).rejects.toMatchObject({ code: 'EOF', delivered: 'no' })
    expect(other.received).toEqual([])
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('sends what is longer than a frame in fragments that the service can put together', async () => {
    const world = new World()
    const service = world.service('s')
    const meta = Uint8Array.from({ length: 200_000 }, (_, at) => at & 0xff)
    const answered = call(world, service, 5000, meta)
    const frames = service.received
    expect(frames.length).toBe(7)
    expect(new Set(frames.map(({ id }) => id)).size).toBe(1)
    expect(frames.every(({ bytes }) => bytes.length <= 32_768)).toBe(true)
    expect(frames.map(({ flags }) => flags)).toEqual([Flag.MORE, ...Array.from({ length: 5 }, () => Flag.MORE | Flag.CONT), Flag.CONT])
    const body = Buffer.concat(frames.map(({ bytes }) => bytes.subarray(24)))
    expect(body.subarray(2, 13).toString()).toBe('edge_online')
    expect(Buffer.compare(body.subarray(17, 200_017), meta)).toBe(0)
    expect(body.subarray(200_017).toString()).toBe('about')
    service.send({ type: ANSWER, id: frames[0]!.id })
    await answered
  })

  it('takes no answer in fragments, and no malformed one', async () => {
    const world = new World()
    const service = world.service('s')
    const long = call(world, service)
    service.send({ type: ANSWER, id: service.only.id, flags: Flag.MORE })
    await expect(long).rejects.toMatchObject({ code: 'REMOTE_ERROR' })
    const other = world.service('s')
    const malformed = call(world, other)
    other.sendRaw({ type: ANSWER, id: other.only.id, body: Uint8Array.of(1) })
    await expect(malformed).rejects.toMatchObject({ code: 'EOF' })
  })
})

describe('options', () => {
  it('have defaults and are checked', () => {
    expect(resolveExchangeOptions({}).hashBy).toBe('edgeid')
    expect(resolveExchangeOptions({ limits: { edge: { maxOwed: 5 } } }).limits.edge).toMatchObject({ maxOwed: 5, maxAsked: 8192 })
    for (const options of [
      { hashBy: 'name' as never },
      { maxPayloadBytes: 0 },
      { maxPayloadBytes: 2 ** 31 },
      { limits: { edge: { maxOwed: -1 } } },
      { limits: { service: { markBytes: Number.NaN } } },
      { limits: { service: { markBytes: 100, hardMarkBytes: 99 } } },
    ]) {
      expect(() => resolveExchangeOptions(options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    }
  })
})
