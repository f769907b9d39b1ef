import { encodeFrame, FrameType, FrontierError, toBytes, utf8 } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { eventually, fragmentsOf, jsonOf, RawPeer } from '../test/raw-peer.js'
import { testGateway } from '../test/test-gateway.js'

const hooks = ['edge_online', 'edge_offline']
const no = new FrontierError('PERMISSION_DENIED', 'not today')

describe('the online hook', () => {
  it('hears all about the edge, and the edge is in when it has said yes, not before', async () => {
    await using gateway = await testGateway({}, { authenticate: () => ({ subject: 'CN=e' }) })
    const service = await gateway.service({ methods: hooks })
    const edge = await gateway.knockingEdge({ id: 2n ** 63n, meta: 'north', labels: { a: 'b' }, methods: ['m'] })
    const call = await service.call('edge_online')
    expect(call.peer).toBe(2n ** 63n)
    expect(utf8(call.meta)).toBe('north')
    expect(call.budgetMs).toBe(30_000)
    const info = jsonOf(call)
    expect(info).toEqual({
      address: expect.stringContaining('memory:'),
      wantedId: '9223372036854775808',
      labels: { a: 'b' },
      identity: { subject: 'CN=e' },
      edgeId: '9223372036854775808',
      generation: expect.stringMatching(/^\d{16}$/),
      at: expect.any(Number),
    })
    const early = await service.request('m', 2n ** 63n, 5)
    expect(early.key).toBe('EDGE_NOT_ONLINE')
    expect(edge.frames).toEqual([])
    expect(gateway.frontier.registry.edgeCount).toBe(0)
    service.answer(call)
    expect((await edge.welcomed()).generation).toBe(info.generation)
    edge.on('m', () => 'here')
    expect(utf8((await service.request('m', 2n ** 63n, 6)).data)).toBe('here')
  })

  it('has let the edge in by the time the next frame of the service is looked at', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: hooks })
    const edge = await gateway.knockingEdge({ id: 7n, methods: ['m'] })
    edge.on('m', () => 'here')
    const { id } = await service.call('edge_online')
    service.pipe.write([encodeFrame({ type: FrameType.ANSWER, id }), encodeFrame({ type: FrameType.CALL, id: 5, key: 'm', peer: 7n })])
    expect(utf8((await service.frame(FrameType.ANSWER)).data)).toBe('here')
    await edge.welcomed()
  })

  it('refuses with its code and text', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: hooks })
    const edge = await gateway.knockingEdge()
    service.fail(await service.call('edge_online'), no)
    expect(await edge.goodbye()).toEqual({ code: 'PERMISSION_DENIED', reason: 'not today' })
    expect(gateway.frontier.counters()).toMatchObject({ refused: { PERMISSION_DENIED: 1 }, hooks: { onlineRefused: 1 } })
    // Who refused is told nothing more.
    const next = await gateway.knockingEdge()
    service.answer(await service.call('edge_online', 2))
    await next.welcomed()
    expect(service.calls.map((call) => call.key)).toEqual(['edge_online', 'edge_online'])
  })

  it('is told to one service of each name, those without a name count as one, and always the same one for the same edge', async () => {
    await using gateway = await testGateway()
    const names = ['a', 'a', 'a', 'b', 'b', '', '']
    const services = await Promise.all(names.map((name) => gateway.service({ name, methods: hooks })))
    for (const service of services) for (const hook of hooks) service.on(hook, () => undefined)
    const heard = () => services.map((service) => service.calls.filter((call) => call.key === 'edge_online').length)
    let edge = await gateway.edge({ id: 12n })
    const first = heard()
    const perName = (name: string) => first.reduce((sum, count, at) => sum + (names[at] === name ? count : 0), 0)
    expect([perName('a'), perName('b'), perName('')]).toEqual([1, 1, 1])
    for (let round = 2; round < 5; round++) {
      edge = await gateway.edge({ id: 12n, resume: edge.welcome.resume })
      expect(heard()).toEqual(first.map((count) => count * round))
    }
    // Each offline went where the online went.
    await eventually(() => services.reduce((sum, service) => sum + service.calls.filter((call) => call.key === 'edge_offline').length, 0) === 9)
    expect(services.map((service) => service.calls.filter((call) => call.key === 'edge_offline').length)).toEqual(first.map((count) => count * 3))
    // Other edges go to others.
    await Promise.all(Array.from({ length: 30 }, (_, i) => gateway.edge({ id: BigInt(100 + i) })))
    expect(heard().every((count) => count > 0)).toBe(true)
  })

  it('must be said yes to by all: the others hear that the edge is offline', async () => {
    await using gateway = await testGateway()
    const [a, b, c] = [await gateway.service({ name: 'a', methods: hooks }), await gateway.service({ name: 'b', methods: hooks }), await gateway.service({ name: 'c', methods: hooks })]
    const edge = await gateway.knockingEdge({ id: 12n })
    a.answer(await a.call('edge_online'))
    const late = await c.call('edge_online')
    b.fail(await b.call('edge_online'), no)
    expect((await edge.goodbye()).code).toBe('PERMISSION_DENIED')
    const { generation } = jsonOf(late)
    expect(jsonOf(await a.call('edge_offline'))).toMatchObject({ edgeId: '12', generation })
    // Who has not answered yet is told when it has: one event of an edge at a time.
    expect(c.calls.map((call) => call.key)).toEqual(['edge_online'])
    c.answer(late)
    expect(jsonOf(await c.call('edge_offline')).generation).toBe(generation)
    expect(b.calls.map((call) => call.key)).toEqual(['edge_online'])
  })

  it('that is not answered in time refuses with TIMEOUT, and the edge is offline for whoever may have heard of it', async () => {
    await using gateway = await testGateway({}, { hookTimeoutMs: 100 })
    const service = await gateway.service({ methods: hooks })
    const edge = await gateway.knockingEdge()
    expect((await edge.goodbye()).code).toBe('TIMEOUT')
    await service.call('edge_offline')
  })

  it('is asked of the next service of the name when one goes before it answers', async () => {
    await using gateway = await testGateway()
    const services = [await gateway.service({ name: 'a', methods: hooks }), await gateway.service({ name: 'a', methods: hooks })]
    const edge = await gateway.knockingEdge()
    const asked = await eventually(() => services.find((service) => service.calls.length > 0))
    const next = services.find((service) => service !== asked)!
    asked.pipe.destroy()
    next.answer(await next.call('edge_online'))
    await edge.welcomed()
    edge.pipe.destroy()
    await next.call('edge_offline')
  })

  it('that the next service refuses is a refusal of the name, whatever the first would have said', async () => {
    await using gateway = await testGateway()
    const services = [await gateway.service({ name: 'a', methods: hooks }), await gateway.service({ name: 'a', methods: hooks })]
    const edge = await gateway.knockingEdge({ id: 12n })
    const asked = await eventually(() => services.find((service) => service.calls.length > 0))
    const next = services.find((service) => service !== asked)!
    asked.pipe.destroy()
    next.fail(await next.call('edge_online'), no)
    expect((await edge.goodbye()).code).toBe('PERMISSION_DENIED')
    next.on('edge_online', () => undefined)
    await gateway.edge({ id: 12n })
    expect(next.calls.map((call) => call.key)).toEqual(['edge_online', 'edge_online'])
  })

  it('is no obstacle when the last service of the name goes before it answers', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: hooks })
    const edge = await gateway.knockingEdge()
    await service.call('edge_online')
    service.pipe.destroy()
    await edge.welcomed()
  })

  it('is followed by offline when the edge leaves while it runs', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: hooks })
    const edge = await gateway.knockingEdge({ id: 12n })
    const online = await service.call('edge_online')
    edge.pipe.destroy()
    await eventually(() => gateway.frontier.counters().refused['EOF'] === 1)
    service.answer(online)
    expect(jsonOf(await service.call('edge_offline')).generation).toBe(jsonOf(online).generation)
    expect(gateway.frontier.registry.edgeCount).toBe(0)
  })

  it('is not followed by offline when the edge leaves and it is refused', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: hooks })
    const edge = await gateway.knockingEdge({ id: 12n })
    const online = await service.call('edge_online')
    edge.pipe.destroy()
    await eventually(() => gateway.frontier.counters().refused['EOF'] === 1)
    service.fail(online, no)
    service.on('edge_online', () => undefined)
    await gateway.edge({ id: 12n })
    expect(service.calls.map((call) => call.key)).toEqual(['edge_online', 'edge_online'])
  })

  it('ends the link of an edge that does not wait for it', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: hooks })
    const edge = await gateway.knockingEdge()
    service.on('edge_offline', () => undefined)
    const online = await service.call('edge_online')
    edge.send({ type: 0x99 })
    edge.send({ type: FrameType.CALL, key: 'm' })
    expect((await edge.goodbye()).code).toBe('PROTOCOL_ERROR')
    service.answer(online)
    await service.call('edge_offline')
  })

  it('cannot be called by a peer', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: hooks })
    service.on('edge_online', () => undefined)
    const edge = await gateway.edge({ id: 12n })
    expect((await edge.request('edge_offline')).key).toBe('RPC_NOT_ONLINE')
    expect((await service.request('edge_online', 12n)).key).toBe('RPC_NOT_ONLINE')
    expect(service.calls).toHaveLength(1)
  })

  it('hears of a meta that does not fit one frame', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: ['get_edge_id', ...hooks] })
    service.on('get_edge_id', () => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9))
    const edge = await RawPeer.dial(gateway.frontier.addresses.edgebound)
    const meta = Uint8Array.from({ length: 250_000 }, (_, at) => at)
    edge.pipe.write(fragmentsOf(encodeFrame({ type: FrameType.HELLO, id: 1, meta, data: toBytes('{"role":"edge"}') }), 9))
    const call = await service.call('edge_online')
    expect(Buffer.compare(call.meta, meta)).toBe(0)
    expect(jsonOf(call).edgeId).toBe('9')
    service.answer(call)
    await edge.welcomed()
    edge.pipe.destroy()
    expect((await service.call('edge_offline')).meta.length).toBe(meta.length)
  })

  it('does not keep edges from coming in side by side', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: hooks })
    const edges = await Promise.all(Array.from({ length: 1500 }, () => gateway.knockingEdge()))
    await service.call('edge_online', 1024)
    expect(service.calls).toHaveLength(1024)
    service.on('edge_online', () => undefined)
    await Promise.all(edges.map((edge) => edge.welcomed()))
    expect(gateway.frontier.registry.edgeCount).toBe(1500)
  })
})
