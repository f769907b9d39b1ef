import { Flag, FrameType, NO_BUDGET } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { World } from '../test/world.js'

const { CALL, ANSWER, CANCEL, MESSAGE, ACK } = FrameType
const data = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a call', () => {
  it('goes from an edge to the service with the method, and its answer back', () => {
    const world = new World()
    const service = world.service('s', ['echo'])
    const edge = world.edge({ id: 0x8000_0000_0000_0007n })
    edge.send({ type: CALL, id: 42, key: 'echo', meta: data('m'), data: data('hello'), budgetMs: 5000, peer: 99n })
    const call = service.only
    expect([call.type, call.key, call.meta, call.data, call.budgetMs, call.peer]).toEqual(['CALL', 'echo', 'm', 'hello', 5000, 0x8000_0000_0000_0007n])
    service.send({ type: ANSWER, id: call.id, meta: data('a'), data: data('world') })
    const answer = edge.only
    expect([answer.type, answer.id, answer.meta, answer.data]).toEqual(['ANSWER', 42, 'a', 'world'])
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('goes from a service to the edge with the id, which sees the service as peer', () => {
    const world = new World()
    const service = world.service('s')
    const edge = world.edge({ id: 0xffff_ffff_ffff_ffffn })
    service.send({ type: CALL, id: 7, key: 'reboot', peer: 0xffff_ffff_ffff_ffffn })
    const call = edge.only
    expect([call.type, call.key, call.peer, call.budgetMs]).toEqual(['CALL', 'reboot', service.peer.id, NO_BUDGET])
    edge.send({ type: ANSWER, id: call.id })
    expect(service.only.id).toBe(7)
  })

  it('carries its trace and its unknown flags on, and the bytes as they came', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const edge = world.edge()
    const trace = Uint8Array.from({ length: 26 }, (_, at) => at)
    edge.send({ type: CALL, id: 1, key: 'm', data: data('x'), trace, flags: 0x8000 })
    const call = service.only
    expect(call.flags).toBe(0x8000 | Flag.TRACE)
    expect([...call.bytes.subarray(24, 50)]).toEqual([...trace])
    expect(call.data).toBe('x')
  })

  it('is told apart from all others that come in one chunk', () => {
    const world = new World()
    const [a, b] = [world.service('a', ['a']), world.service('b', ['b'])]
    const edge = world.edge()
    edge.send(...Array.from({ length: 100 }, (_, id) => ({ type: CALL, id, key: id % 3 === 0 ? 'a' : 'b', data: data(String(id)) })))
    const [toA, toB] = [a.received, b.received]
    expect(toA.map((call) => Number(call.data))).toEqual(Array.from({ length: 100 }, (_, id) => id).filter((id) => id % 3 === 0))
    for (const call of toA.reverse()) a.send({ type: ANSWER, id: call.id, data: data(call.data) })
    for (const call of toB) b.send({ type: ANSWER, id: call.id, data: data(call.data) })
    const answers = edge.received
    expect(answers).toHaveLength(100)
    for (const answer of answers) expect(answer.data).toBe(String(answer.id))
  })

  it('is refused when nobody has the name, byte for byte', () => {
    const world = new World()
    world.service('s', ['echo'])
    const edge = world.edge()
    for (const key of ['Echo', 'ech', '', 'a'.repeat(1024)]) {
      edge.send({ type: CALL, id: 3, key })
      expect(edge.refusal).toMatchObject({ type: 'ANSWER', id: 3, code: 'RPC_NOT_ONLINE', delivered: 'no', origin: 'gateway' })
    }
    expect(world.exchange.counters.notOnline).toBe(4)
  })

  it('is refused when the edge is not there', () => {
    const world = new World()
    const service = world.service('s')
    for (const peer of [0n, 5n, 1n << 63n]) {
      service.send({ type: CALL, id: 3, key: 'm', peer })
      expect(service.refusal).toMatchObject({ type: 'ANSWER', id: 3, code: 'EDGE_NOT_ONLINE' })
      service.send({ type: MESSAGE, id: 4, key: 't', peer })
      expect(service.refusal).toMatchObject({ type: 'ACK', id: 4, code: 'EDGE_NOT_ONLINE' })
    }
  })

  it.each(['get_edge_id', 'edge_online', 'edge_offline'])('cannot be made to the reserved name %s, by nobody', (key) => {
    const world = new World()
    const service = world.service('s', [key])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key })
    expect(edge.refusal).toMatchObject({ code: 'RPC_NOT_ONLINE' })
    service.send({ type: CALL, id: 1, key, peer: edge.peer.id })
    expect(service.refusal).toMatchObject({ code: 'RPC_NOT_ONLINE' })
    expect(edge.received).toEqual([])
    // As a topic it is a name like any other.
    service.send({ type: MESSAGE, id: 2, key, peer: edge.peer.id })
    expect(edge.only.key).toBe(key)
    expect(service.received).toEqual([])
  })

  it('is refused while the gateway drains; answers still pass', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm' })
    const call = service.only
    world.exchange.isDraining = true
    edge.send({ type: CALL, id: 2, key: 'm' })
    expect(edge.refusal).toMatchObject({ id: 2, code: 'DRAINING' })
    service.send({ type: ANSWER, id: call.id })
    expect(edge.only.id).toBe(1)
  })

  it('fails with the error of the peer, which cannot speak for the gateway', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm' })
    service.send({ type: ANSWER, id: service.only.id, key: 'EOF', data: data('no'), flags: Flag.ERROR | Flag.GATEWAY | Flag.RETRYABLE })
    expect(edge.refusal).toMatchObject({ code: 'EOF', origin: 'peer', retryable: true })
    expect(world.exchange.pendingCount).toBe(0)
  })
})

describe('a message', () => {
  it('goes to the service with the topic and is acknowledged by it alone', () => {
    const world = new World()
    const service = world.service('s', [], ['news'])
    const edge = world.edge()
    edge.send({ type: MESSAGE, id: 9, key: 'news', data: data('x') })
    const message = service.only
    expect([message.type, message.key, message.data, message.peer]).toEqual(['MESSAGE', 'news', 'x', edge.peer.id])
    expect(edge.received).toEqual([])
    service.send({ type: ACK, id: message.id })
    expect(edge.only).toMatchObject({ type: 'ACK', id: 9 })
  })

  it('goes to whoever takes * only when nobody takes the topic', () => {
    const world = new World()
    const all = world.service('all', [], ['*'])
    const edge = world.edge()
    edge.send({ type: MESSAGE, id: 1, key: 'news' })
    expect(all.only.key).toBe('news')
    const news = world.service('news', [], ['news'])
    edge.send({ type: MESSAGE, id: 2, key: 'news' }, { type: MESSAGE, id: 3, key: 'newsletter' })
    expect([news.only.key, all.only.key]).toEqual(['news', 'newsletter'])
    edge.send({ type: MESSAGE, id: 4, key: '*' })
    expect(all.only.key).toBe('*')
    // A method * is a name like any other.
    edge.send({ type: CALL, id: 5, key: 'news' })
    expect(edge.refusal.code).toBe('RPC_NOT_ONLINE')
  })

  it('is refused when nobody takes it', () => {
    const world = new World()
    world.service('s', ['news'], ['other'])
    const edge = world.edge()
    edge.send({ type: MESSAGE, id: 9, key: 'news' })
    expect(edge.refusal).toMatchObject({ type: 'ACK', id: 9, code: 'TOPIC_NOT_ONLINE' })
  })

  it('without acknowledgement is passed on, and costs no place; refused, it is dropped in silence', () => {
    const world = new World()
    const service = world.service('s', [], ['news'])
    const edge = world.edge()
    edge.send({ type: MESSAGE, id: 1, key: 'news', flags: Flag.NO_ACK }, { type: MESSAGE, id: 2, key: 'nobody', flags: Flag.NO_ACK })
    expect(service.only.key).toBe('news')
    expect(edge.received).toEqual([])
    expect([world.exchange.pendingCount, world.exchange.counters.dropped]).toEqual([0, 1])
  })
})

describe('answers', () => {
  it('count only from the peer that was asked', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const [edge, hostile] = [world.edge(), world.edge()]
    const rival = world.service('rival')
    edge.send({ type: CALL, id: 1, key: 'm' })
    const { id } = service.only
    for (const liar of [hostile, rival, edge]) liar.send({ type: ANSWER, id, data: data('lie') }, { type: ACK, id }, { type: ANSWER, id: 1 })
    expect(edge.received).toEqual([])
    service.send({ type: ANSWER, id, data: data('truth') })
    expect(edge.only.data).toBe('truth')
  })

  it('count once', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm' })
    const { id } = service.only
    service.send({ type: ANSWER, id }, { type: ANSWER, id }, { type: ANSWER, id: id + 1 })
    expect(edge.received).toHaveLength(1)
    expect(service.pipe.hasEnded).toBe(false)
  })

  it.each([
    ['a key that leaves the frame', Uint8Array.of(0, 9, 1)],
    ['a meta that leaves the frame', Uint8Array.of(0, 0, 0, 0, 0, 1)],
    ['no room for the meta length', Uint8Array.of(0, 0, 0)],
    ['a body of one byte', Uint8Array.of(0)],
  ])('and requests with %s end the link they came on, and nothing else', (_, body) => {
    const world = new World()
    const service = world.service('s', ['m'], ['t'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm' })
    const { id } = service.only
    service.sendRaw({ type: ANSWER, id, body })
    expect(service.received.map(({ type, key }) => [type, key])).toEqual([['GOODBYE', 'PROTOCOL_ERROR']])
    expect(edge.refusal).toMatchObject({ id: 1, code: 'EOF', delivered: 'maybe' })
    for (const type of [CALL, MESSAGE]) {
      const other = world.service('s')
      other.sendRaw({ type, id: 1, peer: edge.peer.id, body })
      expect(other.received.map(({ key }) => key)).toEqual(['PROTOCOL_ERROR'])
    }
    expect(edge.received).toEqual([])
    expect(edge.pipe.hasEnded).toBe(false)
  })
})

describe('a cancelled request', () => {
  it('frees its place at once, tells the target, and ignores the answer', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm', budgetMs: 60_000 })
    const { id } = service.only
    edge.send({ type: CANCEL, id: 1 })
    expect(service.only).toMatchObject({ type: 'CANCEL', id })
    expect([edge.peer.asked, service.peer.owed]).toEqual([0, 1])
    edge.send({ type: CANCEL, id: 1 }, { type: CANCEL, id: 2 })
    expect(service.received).toEqual([])
    service.send({ type: ANSWER, id })
    expect(edge.received).toEqual([])
    expect([world.exchange.pendingCount, service.peer.owed, edge.peer.held]).toEqual([0, 0, 0])
  })

  it('can be cancelled by nobody else', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const [edge, hostile] = [world.edge(), world.edge()]
    edge.send({ type: CALL, id: 1, key: 'm' })
    const { id } = service.only
    hostile.send({ type: CANCEL, id: 1 }, { type: CANCEL, id })
    expect(service.received).toEqual([])
  })

  it('is forgotten with its deadline, or after 30 s, when no answer comes; nobody is told twice', () => {
    const world = new World()
    const service = world.service('s', ['m'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm', budgetMs: 1000 }, { type: CALL, id: 2, key: 'm', budgetMs: 0xffff_fffe }, { type: CALL, id: 3, key: 'm' })
    edge.send({ type: CANCEL, id: 1 }, { type: CANCEL, id: 2 }, { type: CANCEL, id: 3 })
    service.received.length = 0
    expect(world.exchange.pendingCount).toBe(3)
    world.pass(3000)
    expect(world.exchange.pendingCount).toBe(2)
    world.pass(28_000)
    expect(world.exchange.pendingCount).toBe(0)
    expect([service.received, edge.received]).toEqual([[], []])
    expect(world.exchange.counters.expired).toBe(0)
  })
})

describe('a request without an answer', () => {
  it('fails with TIMEOUT a second after its deadline, and the target is told', () => {
    const world = new World()
    const service = world.service('s', ['m'], ['t'])
    const edge = world.edge()
    edge.send({ type: CALL, id: 1, key: 'm', budgetMs: 2000 }, { type: MESSAGE, id: 2, key: 't', budgetMs: 2000 }, { type: CALL, id: 3, key: 'm' })
    const ids = service.received.map(({ id }) => id)
    world.pass(3000)
    expect([edge.received, service.received]).toEqual([[], []])
    world.pass(500)
    const failures = edge.received
    expect(failures.map(({ type, id, key, flags }) => [type, id, key, flags & (Flag.MAYBE | Flag.GATEWAY)])).toEqual([
      ['ANSWER', 1, 'TIMEOUT', Flag.MAYBE | Flag.GATEWAY],
      ['ACK', 2, 'TIMEOUT', Flag.MAYBE | Flag.GATEWAY],
    ])
    expect(service.received.map(({ type, id }) => [type, id])).toEqual([
      ['CANCEL', ids[0]],
      ['CANCEL', ids[1]],
    ])
    service.send({ type: ANSWER, id: ids[0]! })
    expect(edge.received).toEqual([])
    world.pass(1_000_000)
    expect(world.exchange.pendingCount).toBe(1)
    expect(world.exchange.counters.expired).toBe(2)
  })
})
