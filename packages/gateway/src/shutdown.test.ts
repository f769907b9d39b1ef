import { Flag, FrameType } from '@frontier/wire'
import { dial } from '@frontier/transport'
import { describe, expect, it } from 'vitest'
import { eventually, type RawPeer } from '../test/raw-peer.js'
import { testGateway } from '../test/test-gateway.js'

const hooks = ['edge_online', 'edge_offline']
const drainOf = (peer: RawPeer): Promise<unknown> => eventually(() => peer.frames.find((frame) => frame.type === FrameType.GOODBYE && (frame.flags & Flag.DRAIN) !== 0), 'GOODBYE with DRAIN')
const isTold = (peer: RawPeer): boolean => peer.frames.some((frame) => frame.type === FrameType.GOODBYE)

describe('drain', () => {
  it('takes no more links, lets calls in flight end, and ends edges before services', async () => {
    await using gateway = await testGateway({ network: 'tcp' })
    const { edgebound, servicebound } = gateway.frontier.addresses
    const service = await gateway.service({ methods: ['slow', ...hooks] })
    service.on('edge_online', () => undefined)
    const [busy, quiet] = [await gateway.edge(), await gateway.edge()]
    const answer = busy.request('slow')
    const call = await service.call('slow')
    const drained = gateway.frontier.drain({ timeoutMs: 20_000 })
    await Promise.all([drainOf(busy), drainOf(quiet)])
    for (const address of [edgebound, servicebound]) await expect(dial(address)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect((await busy.request('slow', 0n, 78)).key).toBe('DRAINING')
    expect((await quiet.goodbye()).code).toBe('DRAINING')
    expect(isTold(service)).toBe(false)
    service.answer(call, 'done')
    expect(new TextDecoder().decode((await answer).data)).toBe('done')
    expect((await busy.goodbye()).code).toBe('DRAINING')
    // Services go when they have heard of the edges.
    service.answer(await service.call('edge_offline', 1))
    expect(isTold(service)).toBe(false)
    service.answer(await service.call('edge_offline', 2))
    await drainOf(service)
    expect((await service.goodbye()).code).toBe('DRAINING')
    await drained
  })

  it('ends when time is up', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: ['slow'] })
    const edge = await gateway.edge()
    void edge.request('slow').catch(() => undefined)
    await service.call('slow')
    const began = performance.now()
    await gateway.frontier.drain({ timeoutMs: 200 })
    expect(performance.now() - began).toBeLessThan(3000)
    expect((await edge.goodbye()).code).toBe('DRAINING')
    expect((await service.goodbye()).code).toBe('DRAINING')
  })

  it('says how long the old link will be served', async () => {
    await using gateway = await testGateway()
    const edge = await gateway.edge()
    const drained = gateway.frontier.drain({ timeoutMs: 9000 })
    const { budgetMs } = (await drainOf(edge)) as { budgetMs: number }
    expect(budgetMs).toBeGreaterThan(8000)
    expect(budgetMs).toBeLessThanOrEqual(9000)
    edge.pipe.destroy()
    await drained
  })

  it('refuses who is still being let in', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: hooks })
    service.on('edge_offline', () => undefined)
    const edge = await gateway.knockingEdge()
    const online = await service.call('edge_online')
    const drained = gateway.frontier.drain({ timeoutMs: 5000 })
    expect((await edge.goodbye()).code).toBe('DRAINING')
    service.answer(online)
    await service.call('edge_offline')
    await drained
  })

  it('is one drain however often it is asked for, is cut short by close, and wants a time that there is', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: ['slow'] })
    const edge = await gateway.edge()
    void edge.request('slow').catch(() => undefined)
    await service.call('slow')
    await expect(gateway.frontier.drain({ timeoutMs: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    const drains = [gateway.frontier.drain(), gateway.frontier.drain({ timeoutMs: 1 })]
    await drainOf(edge)
    await gateway.frontier.close()
    await Promise.all(drains)
    expect((await edge.goodbye()).code).toBe('DRAINING')
    await gateway.frontier.drain()
    await gateway.frontier.close()
    await gateway.frontier[Symbol.asyncDispose]()
  })
})

describe('close', () => {
  it('ends all links with DRAINING, and services hear of the edges that go', async () => {
    await using gateway = await testGateway({ network: 'tcp' })
    const service = await gateway.service({ methods: hooks })
    for (const hook of hooks) service.on(hook, () => undefined)
    const edges = await Promise.all(Array.from({ length: 10 }, () => gateway.edge()))
    await gateway.frontier.close()
    for (const peer of [...edges, service]) expect((await peer.goodbye()).code).toBe('DRAINING')
    expect(service.calls.filter((call) => call.key === 'edge_offline')).toHaveLength(10)
    await expect(dial(gateway.frontier.addresses.edgebound)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('does not wait for services that do not answer, nor for peers that do not read', async () => {
    await using gateway = await testGateway({ network: 'tcp' })
    const service = await gateway.service({ methods: ['edge_offline', 'edge_online'] })
    service.on('edge_online', () => undefined)
    const edge = await gateway.edge()
    edge.pipe.pause()
    const began = performance.now()
    await gateway.frontier.close()
    expect(performance.now() - began).toBeLessThan(3000)
  })
})
