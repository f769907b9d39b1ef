import { admin } from '@frontier/controlplane'
import { toBytes, utf8 } from '@frontier/wire'
import { createClient, type Client } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { describe, expect, it } from 'vitest'
import { testGateway, type TestGateway } from '../test/test-gateway.js'
import { eventually } from '../test/raw-peer.js'

/** As {@link eventually}, for what has to be asked. */
async function eventuallyAsked<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await ask()
    if (value !== undefined) return value
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const controlplane = { enable: true, listen: { addr: '127.0.0.1:0' } }

async function gatewayWithAdmin(): Promise<TestGateway & { url: string; admin: Client<typeof admin.Admin> }> {
  const gateway = await testGateway({ controlplane, network: 'tcp' })
  const url = gateway.frontier.addresses.controlplane!.replace('tcp:', 'http:')
  return { ...gateway, url, admin: createClient(admin.Admin, createGrpcTransport({ baseUrl: url })) }
}

describe('the control plane of a gateway', () => {
  it('is off by default, and tells its address when it is on', async () => {
    await using off = await testGateway()
    expect(off.frontier.addresses.controlplane).toBeUndefined()
    await using on = await testGateway({ controlplane })
    expect(on.frontier.addresses.controlplane).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)
  })

  it('lists who is online, and kicks', async () => {
    await using gateway = await gatewayWithAdmin()
    const edge = await gateway.edge({ id: 2n ** 63n + 7n, meta: 'north', labels: { site: 'a' }, methods: ['b', 'a'] })
    const { edges } = await gateway.admin.listEdges({ labels: { site: 'a' }, meta: 'nor' })
    expect(edges).toMatchObject([{ edgeId: 2n ** 63n + 7n, metaText: 'north', labels: { site: 'a' }, methods: ['a', 'b'] }])
    await gateway.admin.kickEdge({ edgeId: edge.id, reason: 'too loud' })
    expect(await edge.goodbye()).toEqual({ code: 'KICKED', reason: 'too loud' })
    expect(await (await fetch(`${gateway.url}/v1/edges`)).json()).toEqual({ edges: [], count: 0 })
  })

  it('calls an edge', async () => {
    await using gateway = await gatewayWithAdmin()
    const edge = await gateway.edge({ methods: ['echo'] })
    edge.on('echo', (call) => `${utf8(call.meta)} ${utf8(call.data)}`)
    const { data } = await gateway.admin.callEdge({ edgeId: edge.id, method: 'echo', meta: toBytes('m'), content: { case: 'text', value: 'hi' } })
    expect(utf8(data)).toBe('m hi')
  })

  it('tells why a call failed', async () => {
    await using gateway = await gatewayWithAdmin()
    const edge = await gateway.edge({ methods: ['slow'] })
    const call = (edgeId: bigint, method: string): Promise<unknown> => gateway.admin.callEdge({ edgeId, method, timeout: { nanos: 300_000_000 } })
    await expect(call(404n, 'x')).rejects.toMatchObject({ code: 5, rawMessage: 'edge 404 is not online' })
    await expect(call(edge.id, 'edge_online')).rejects.toMatchObject({ code: 5 })
    await expect(call(edge.id, '')).rejects.toMatchObject({ code: 3 })
    await expect(call(edge.id, 'slow')).rejects.toMatchObject({ code: 4 })
    const lost = call(edge.id, 'slow')
    await edge.call('slow', 2)
    edge.pipe.destroy()
    await expect(lost).rejects.toMatchObject({ code: 14 })
  })

  it('gives a call up when its caller does', async () => {
    await using gateway = await gatewayWithAdmin()
    const edge = await gateway.edge({ methods: ['slow'] })
    const abort = new AbortController()
    const called = gateway.admin.callEdge({ edgeId: edge.id, method: 'slow' }, { signal: abort.signal })
    await edge.call('slow')
    abort.abort()
    await expect(called).rejects.toMatchObject({ code: 1 })
    await edge.frame(0x12)
    expect(gateway.frontier.exchange.pendingCount).toBeLessThanOrEqual(1)
  })

  it('publishes to an edge', async () => {
    await using gateway = await gatewayWithAdmin()
    const edge = await gateway.edge()
    await gateway.admin.publishEdge({ edgeId: edge.id, topic: 'news', content: { case: 'text', value: 'one' }, atMostOnce: true })
    const first = await edge.frame(0x13)
    expect([first.key, utf8(first.data)]).toEqual(['news', 'one'])
    const published = gateway.admin.publishEdge({ edgeId: edge.id, content: { case: 'text', value: 'two' } })
    const second = await eventually(() => edge.frames.find((frame) => frame.type === 0x13 && utf8(frame.data) === 'two'))
    edge.send({ type: 0x14, id: second.id })
    await published
  })

  it('keeps a banned edge out until the ban ends', async () => {
    await using gateway = await gatewayWithAdmin()
    const edge = await gateway.edge({ id: 7n })
    expect(await gateway.admin.banEdge({ edgeId: 7n, reason: 'stolen' })).toMatchObject({ wasOnline: true, ban: { edgeId: 7n, by: 'anonymous' } })
    expect(await edge.goodbye()).toEqual({ code: 'KICKED', reason: 'stolen' })
    await expect(gateway.edge({ id: 7n })).rejects.toThrow(/PERMISSION_DENIED edge 7 is banned: stolen/)
    await gateway.edge({ id: 8n })
    expect((await gateway.admin.listBans({})).bans).toMatchObject([{ edgeId: 7n, reason: 'stolen' }])
    await gateway.admin.unbanEdge({ edgeId: 7n })
    await gateway.edge({ id: 7n })
    await expect(gateway.admin.unbanEdge({ edgeId: 7n })).rejects.toMatchObject({ code: 5 })
    await gateway.admin.banEdge({ edgeId: 9n, duration: { nanos: 100_000_000 } })
    await eventuallyAsked(async () => (await gateway.admin.listBans({})).bans.length === 0 || undefined)
    await eventuallyAsked(() => gateway.edge({ id: 9n }).catch(() => undefined))
  })

  it('keeps out an edge that is banned while services are asked about it', async () => {
    await using gateway = await gatewayWithAdmin()
    const service = await gateway.service({ methods: ['edge_online'] })
    const knocking = await gateway.knockingEdge({ id: 7n })
    const call = await service.call('edge_online')
    expect(await gateway.admin.banEdge({ edgeId: 7n, reason: 'stolen' })).toMatchObject({ wasOnline: false })
    service.answer(call)
    expect(await knocking.goodbye()).toEqual({ code: 'PERMISSION_DENIED', reason: 'edge 7 is banned: stolen' })
    expect(gateway.frontier.registry.edgeCount).toBe(0)
  })

  it('keeps banned services out, by name or by id', async () => {
    await using gateway = await gatewayWithAdmin()
    const [one, two, other] = [await gateway.service({ name: 'a', id: 1n }), await gateway.service({ name: 'a' }), await gateway.service({ name: 'b', id: 3n })]
    expect(await gateway.admin.banService({ name: 'a', reason: 'broken' })).toMatchObject({ closed: 2n, ban: { name: 'a', serviceId: 0n, by: 'anonymous' } })
    for (const service of [one, two]) expect(await service.goodbye()).toEqual({ code: 'KICKED', reason: 'broken' })
    await expect(gateway.service({ name: 'a' })).rejects.toThrow(/PERMISSION_DENIED service "a" is banned: broken/)
    expect(await gateway.admin.banService({ serviceId: 3n, duration: { seconds: 60n } })).toMatchObject({ closed: 1n })
    expect(await other.goodbye()).toEqual({ code: 'KICKED', reason: 'the service was banned' })
    await expect(gateway.service({ name: 'b', id: 3n })).rejects.toThrow(/PERMISSION_DENIED service 3 is banned until/)
    await gateway.service({ name: 'b' })
    await gateway.service({ id: 4n })
    expect((await gateway.admin.listServiceBans({})).bans.map(({ name, serviceId }) => [name, serviceId])).toEqual([['a', 0n], ['', 3n]])
    expect(await gateway.admin.getStats({})).toMatchObject({ bans: 2n, refused: { PERMISSION_DENIED: 2n } })
    await gateway.admin.unbanService({ name: 'a' })
    await gateway.admin.unbanService({ serviceId: 3n })
    await gateway.service({ name: 'a' })
    await gateway.service({ name: 'b', id: 3n })
    expect((await gateway.admin.getStats({})).bans).toBe(0n)
    await expect(gateway.admin.unbanService({ name: 'a' })).rejects.toMatchObject({ code: 5 })
  })

  it('measures how long requests take', async () => {
    await using gateway = await gatewayWithAdmin()
    expect(await gateway.admin.getStats({})).toMatchObject({ latencySamples: 0n })
    const service = await gateway.service({ methods: ['echo'] })
    service.on('echo', () => 'x')
    const edge = await gateway.edge()
    for (let count = 0; count < 5; count++) await edge.request('echo')
    const { latencySamples, latencyP50, latencyP99 } = await gateway.admin.getStats({})
    expect(latencySamples).toBeGreaterThanOrEqual(1n)
    expect(latencyP50!.nanos).toBeGreaterThan(0)
    expect(latencyP99!.seconds).toBeLessThan(30n)
  })

  it('tells whoever watches of all that happens', async () => {
    await using gateway = await gatewayWithAdmin()
    const abort = new AbortController()
    const seen: admin.Event[] = []
    const watching = (async () => {
      for await (const event of gateway.admin.watchEvents({}, { signal: abort.signal })) seen.push(event)
    })().catch(() => undefined)
    await eventuallyAsked(async () => (await gateway.admin.getStats({})).watchers === 1n || undefined)
    const service = await gateway.service({ name: 'svc' })
    service.register('m')
    const edge = await gateway.edge({ id: 5n, labels: { a: 'b' } })
    await expect(gateway.edge({ id: 5n })).rejects.toThrow(/ILLEGAL_EDGE_ID/)
    await gateway.admin.kickEdge({ edgeId: 5n, reason: 'bye' })
    await edge.ended()
    await eventually(() => seen.some(({ type }) => type === admin.EventType.OFFLINE))
    abort.abort()
    await watching
    const { ONLINE, REGISTER, REFUSAL, KICK, OFFLINE } = admin.EventType
    expect(seen.map(({ type, id, code, reason, method }) => [type, id, code || reason || method])).toEqual([
      [ONLINE, service.id, ''],
      [REGISTER, service.id, 'm'],
      [ONLINE, 5n, ''],
      [REFUSAL, 5n, 'ILLEGAL_EDGE_ID'],
      [KICK, 5n, 'bye'],
      [OFFLINE, 5n, 'KICKED'],
    ])
    expect(seen[0]).toMatchObject({ name: 'svc', service: { serviceId: service.id, name: 'svc' } })
    expect(seen[2]).toMatchObject({ edge: { labels: { a: 'b' } } })
    expect(seen.map(({ seq }) => seq - seen[0]!.seq)).toEqual([0n, 1n, 2n, 3n, 4n, 5n])
  })

  it('counts', async () => {
    await using gateway = await gatewayWithAdmin()
    const service = await gateway.service({ methods: ['echo'] })
    service.on('echo', () => 'x')
    const edge = await gateway.edge()
    await edge.request('echo')
    const gone = await gateway.edge()
    gone.pipe.destroy()
    await expect(gateway.edge({ version: 99 })).rejects.toThrow()
    const stats = await eventuallyAsked(async () => {
      const now = await gateway.admin.getStats({})
      return now.edges === 1n ? now : undefined
    })
    expect(stats).toMatchObject({ edges: 1n, services: 1n, calls: 1n, answers: 1n, startId: gateway.frontier.startId, draining: false })
    expect(stats.refused).toEqual({ PROTOCOL_ERROR: 1n })
    expect(stats.ended).toEqual({ EOF: 1n })
    expect(stats.bytesIn).toBeGreaterThan(100n)
    expect(stats.bytesOut).toBeGreaterThan(100n)
  })

  it('drains when it is told to, and is there until the end', async () => {
    await using gateway = await gatewayWithAdmin()
    const service = await gateway.service({ methods: ['slow'] })
    const edge = await gateway.edge()
    const answer = edge.request('slow')
    const call = await service.call('slow')
    await gateway.admin.drain({ timeout: { seconds: 20n } })
    expect(await gateway.admin.getStats({})).toMatchObject({ draining: true, edges: 1n })
    const health = await fetch(`${gateway.url}/grpc.health.v1.Health/Check`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    expect(await health.json()).toEqual({ status: 'NOT_SERVING' })
    service.answer(call, 'done')
    expect(utf8((await answer).data)).toBe('done')
    await gateway.frontier.closed
    await expect(fetch(`${gateway.url}/v1/edges`)).rejects.toThrow()
  })
})
