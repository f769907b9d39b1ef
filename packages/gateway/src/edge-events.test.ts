import { FrontierError } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { eventually, jsonOf, type RawPeer } from '../test/raw-peer.js'
import { testGateway } from '../test/test-gateway.js'

const hooks = ['edge_online', 'edge_offline']
const keys = (service: RawPeer): string[] => service.calls.map((call) => call.key)
const yes = (service: RawPeer): RawPeer => service.on('edge_online', () => undefined).on('edge_offline', () => undefined)

describe('offline events', () => {
  it('tell of the same edge and generation as the online event', async () => {
    await using gateway = await testGateway()
    const service = yes(await gateway.service({ methods: hooks }))
    const edge = await gateway.edge({ id: 12n, meta: 'north', labels: { a: 'b' } })
    edge.pipe.destroy()
    const [online, offline] = [await service.call('edge_online'), await service.call('edge_offline')]
    expect(jsonOf(offline)).toEqual(jsonOf(online))
    expect(offline.peer).toBe(12n)
    expect(offline.meta).toEqual(online.meta)
    await eventually(() => gateway.frontier.counters().hooks.offlineTold === 1)
  })

  it('go to the next service of the name when the one that was told has gone', async () => {
    await using gateway = await testGateway()
    const services = [await gateway.service({ name: 'a', methods: hooks }), await gateway.service({ name: 'a', methods: hooks })]
    services.forEach(yes)
    const edge = await gateway.edge()
    const told = services.find((service) => service.calls.length > 0)!
    const other = services.find((service) => service !== told)!
    told.pipe.destroy()
    await eventually(() => gateway.frontier.registry.serviceCount === 1)
    edge.pipe.destroy()
    await other.call('edge_offline')
  })

  it('go on to the next service when one goes without an answer', async () => {
    await using gateway = await testGateway()
    const services = [await gateway.service({ name: 'a', methods: hooks }), await gateway.service({ name: 'a', methods: hooks })]
    for (const service of services) service.on('edge_online', () => undefined)
    const edge = await gateway.edge()
    edge.pipe.destroy()
    const asked = await eventually(() => services.find((service) => keys(service).includes('edge_offline')))
    const next = services.find((service) => service !== asked)!
    asked.pipe.destroy()
    next.answer(await next.call('edge_offline'))
    await eventually(() => gateway.frontier.counters().hooks.offlineTold === 1)
  })

  it('do not go to names that were not told online', async () => {
    await using gateway = await testGateway()
    const first = yes(await gateway.service({ name: 'a', methods: hooks }))
    const edge = await gateway.edge()
    const late = yes(await gateway.service({ name: 'b', methods: hooks }))
    edge.pipe.destroy()
    await first.call('edge_offline')
    await eventually(() => gateway.frontier.counters().hooks.offlineTold === 1)
    expect(late.calls).toEqual([])
  })

  it('are dropped and counted when nobody of the name is there', async () => {
    await using gateway = await testGateway()
    const service = yes(await gateway.service({ name: 'a', methods: hooks }))
    const edge = await gateway.edge()
    service.pipe.destroy()
    await eventually(() => gateway.frontier.registry.serviceCount === 0)
    edge.pipe.destroy()
    await eventually(() => gateway.frontier.counters().hooks.offlineDropped === 1)
  })

  it('are counted, and not told again, when the answer is an error or does not come', async () => {
    await using gateway = await testGateway({}, { hookTimeoutMs: 50 })
    const service = await gateway.service({ methods: hooks })
    service.on('edge_online', () => undefined)
    const edge = await gateway.edge({ id: 12n })
    edge.pipe.destroy()
    service.fail(await service.call('edge_offline'), new FrontierError('REMOTE_ERROR', 'oops'))
    await eventually(() => gateway.frontier.counters().hooks.offlineFailed === 1)
    const again = await gateway.edge({ id: 12n })
    again.pipe.destroy()
    await eventually(() => gateway.frontier.counters().hooks.offlineFailed === 2)
    expect(keys(service)).toEqual(['edge_online', 'edge_offline', 'edge_online', 'edge_offline'])
  })

  it('wait for the answer of the online event, and the next online event for theirs', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: hooks })
    const edge = await gateway.knockingEdge({ id: 12n })
    service.answer(await service.call('edge_online'))
    await edge.welcomed()
    edge.pipe.destroy()
    const offline = await service.call('edge_offline')
    const again = await gateway.knockingEdge({ id: 12n })
    // Another edge overtakes: only events of one edge wait for each other.
    const other = await gateway.knockingEdge({ id: 13n })
    const [online] = [await service.call('edge_online', 2)]
    expect(online.peer).toBe(13n)
    service.answer(online)
    await other.welcomed()
    expect(again.frames).toEqual([])
    service.answer(offline)
    service.answer(await service.call('edge_online', 3))
    await again.welcomed()
  })
})

describe('the snapshot', () => {
  it('tells a service that wants it who is online already', async () => {
    await using gateway = await testGateway()
    const edges = await Promise.all(Array.from({ length: 20 }, () => gateway.edge()))
    const plain = yes(await gateway.service({ name: 'plain', methods: hooks }))
    const service = yes(await gateway.service({ name: 's', methods: hooks, snapshot: true }))
    await service.call('edge_online', 20)
    expect(new Set(service.calls.map((call) => jsonOf(call).edgeId))).toEqual(new Set(edges.map((edge) => String(edge.id))))
    const generations = new Map(edges.map((edge) => [String(edge.id), edge.welcome.generation]))
    for (const call of service.calls) expect(jsonOf(call).generation).toBe(generations.get(jsonOf(call).edgeId))
    edges[0]!.pipe.destroy()
    await service.call('edge_offline')
    await gateway.edge()
    await service.call('edge_online', 21)
    expect(plain.calls).toHaveLength(1)
  })

  it('begins when the hook is registered, if that is later', async () => {
    await using gateway = await testGateway()
    await gateway.edge({ id: 12n })
    const service = yes(await gateway.service({ snapshot: true }))
    service.register('edge_online', 1)
    service.register('edge_offline', 2)
    expect((await service.call('edge_online')).peer).toBe(12n)
    service.register('edge_online', 3)
    await gateway.edge({ id: 13n })
    await service.call('edge_online', 2)
    expect(service.calls.map((call) => call.peer)).toEqual([12n, 13n])
  })

  it('comes before newer events of the same edge', async () => {
    await using gateway = await testGateway()
    const edge = await gateway.edge({ id: 12n })
    const service = await gateway.service({ methods: hooks, snapshot: true })
    const online = await service.call('edge_online')
    edge.pipe.destroy()
    await eventually(() => gateway.frontier.registry.edgeCount === 0)
    const again = await gateway.knockingEdge({ id: 12n })
    service.answer(online)
    service.answer(await service.call('edge_offline'))
    service.answer(await service.call('edge_online', 2))
    await again.welcomed()
    expect(keys(service)).toEqual(['edge_online', 'edge_offline', 'edge_online'])
  })

  it('is no way to refuse: the edge stays, but the service hears no more of it', async () => {
    await using gateway = await testGateway()
    const edge = await gateway.edge({ id: 12n })
    const service = await gateway.service({ methods: hooks, snapshot: true })
    service.fail(await service.call('edge_online'), new FrontierError('REMOTE_ERROR', 'no'))
    await eventually(() => gateway.frontier.counters().hooks.onlineRefused === 1)
    edge.pipe.destroy()
    await eventually(() => gateway.frontier.registry.edgeCount === 0)
    service.on('edge_online', () => undefined)
    await gateway.edge({ id: 12n })
    expect(keys(service)).toEqual(['edge_online', 'edge_online'])
  })

  it('has the edges that were being let in when it began', async () => {
    await using gateway = await testGateway()
    const slow = await gateway.service({ name: 'slow', methods: hooks })
    const edge = await gateway.knockingEdge({ id: 12n })
    const online = await slow.call('edge_online')
    const late = yes(await gateway.service({ name: 'late', methods: hooks, snapshot: true }))
    expect(late.calls).toEqual([])
    slow.answer(online)
    await edge.welcomed()
    expect((await late.call('edge_online')).peer).toBe(12n)
    edge.pipe.destroy()
    await late.call('edge_offline')
  })

  it('does not go on toward a service that has gone', async () => {
    await using gateway = await testGateway()
    await Promise.all(Array.from({ length: 10 }, () => gateway.edge()))
    const service = await gateway.service({ name: 's', methods: hooks, snapshot: true })
    await service.call('edge_online')
    service.pipe.destroy()
    const next = yes(await gateway.service({ name: 's', methods: hooks, snapshot: true }))
    await next.call('edge_online', 10)
    await eventually(() => gateway.frontier.counters().hooks.onlineTold === 10)
    expect(next.calls).toHaveLength(10)
  })
})
