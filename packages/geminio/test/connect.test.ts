import { FrontierError } from '@frontier/wire'
import { describe, expect, it, vi } from 'vitest'
import type { Status } from '../src/status.js'
import { connectEdge, connectService, newEdge, until } from './ends.js'
import { FakeGateway } from './fake-gateway.js'

describe('the first connect', () => {
  it('is followed by a call that is answered', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address)
    expect(edge.state).toBe('online')
    expect(edge.id).toBe(1000n)
    expect((await edge.call('echo', 'hello')).text()).toBe('hello')
  })

  it('presents id, labels, token, meta and methods in the hello', async () => {
    await using gateway = await FakeGateway.start()
    const options = { id: 7, labels: { site: 'berlin' }, token: async () => 'secret', methods: { ping: () => 'pong' } }
    await using edge = await connectEdge(gateway.address, options, new Uint8Array([1, 2]))
    expect(edge.id).toBe(7n)
    expect(gateway.hellos[0]).toMatchObject({ role: 'edge', wantedId: 7n, labels: { site: 'berlin' }, token: 'secret', methods: ['ping'] })
    expect(gateway.hellos[0]!.meta).toEqual(new Uint8Array([1, 2]))
  })

  it('sends a hello that does not fit one frame in several', async () => {
    await using gateway = await FakeGateway.start()
    const meta = new Uint8Array(100_000).fill(5)
    await using edge = await connectEdge(gateway.address, {}, meta)
    expect(edge.state).toBe('online')
    expect(gateway.hellos[0]!.meta).toEqual(meta)
  })

  it('rejects INVALID_ARGUMENT for a hello above 256 KiB', async () => {
    await using gateway = await FakeGateway.start()
    await expect(connectEdge(gateway.address, {}, new Uint8Array(262_144))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it.each(['UNAUTHENTICATED', 'PERMISSION_DENIED', 'ILLEGAL_EDGE_ID', 'PROTOCOL_ERROR'] as const)('rejects %s at once', async (code) => {
    await using gateway = await FakeGateway.start({
      onHello: () => {
        throw new FrontierError(code, 'no')
      },
    })
    const edge = newEdge(gateway.address)
    await expect(edge.connect()).rejects.toMatchObject({ code, origin: 'gateway' })
    expect(await edge.closed).toMatchObject({ code })
    expect(edge.state).toBe('closed')
    expect(gateway.connections).toBe(1)
  })

  it('rejects ILLEGAL_EDGE_ID when another id than the wanted one is granted', async () => {
    await using gateway = await FakeGateway.start({ onHello: () => ({ id: 8n }) })
    await expect(connectEdge(gateway.address, { id: 7 })).rejects.toMatchObject({ code: 'ILLEGAL_EDGE_ID' })
  })

  it('keeps trying until firstConnectTimeoutMs, then rejects UNAVAILABLE with the last failure', async () => {
    const statuses: Status[] = []
    const connecting = connectEdge('memory://nobody-here', {
      firstConnectTimeoutMs: 60,
      reconnect: { initialDelayMs: 5, maxDelayMs: 10 },
      onStatus: (status) => statuses.push(status),
    })
    await expect(connecting).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('nothing listens there') })
    expect(statuses.filter(({ type }) => type === 'retrying').length).toBeGreaterThan(1)
    expect(statuses.at(-1)).toMatchObject({ type: 'closed', reason: { code: 'UNAVAILABLE' } })
  })

  it('comes up when the gateway does', async () => {
    const connecting = connectEdge('memory://late', { reconnect: { initialDelayMs: 1, maxDelayMs: 5 } })
    await new Promise((resolve) => setImmediate(resolve))
    await using gateway = await FakeGateway.start({}, 'late')
    await using edge = await connecting
    expect(edge.id).toBe(1000n)
    expect(gateway.links).toHaveLength(1)
  })

  it('makes one attempt per address with reconnect: false', async () => {
    const options = { reconnect: false } as const
    await expect(connectEdge(['memory://a-not', 'memory://b-not'], options)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('takes the next address after a failure', async () => {
    await using gateway = await FakeGateway.start()
    const addresses = ['memory://x-not', 'memory://y-not', gateway.address, 'memory://z-not']
    await using edge = await connectEdge(addresses, { reconnect: false })
    expect(edge.state).toBe('online')
  })

  it('gives up with CANCELLED when its signal aborts, and leaves no listener', async () => {
    const controller = new AbortController()
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    const added = vi.spyOn(controller.signal, 'addEventListener')
    const connecting = connectEdge('memory://never-there', { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(removed.mock.calls.length).toBe(added.mock.calls.length)
    await expect(connectEdge('memory://never-there', { signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('times an attempt out whose hello is not answered', async () => {
    await using gateway = await FakeGateway.start({ onHello: () => 'silence' })
    const connecting = connectEdge(gateway.address, { connectTimeoutMs: 30, reconnect: false })
    await expect(connecting).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  it('rejects options that make no sense', async () => {
    const codes = await Promise.all(
      [
        connectEdge([]),
        connectEdge('carrier-pigeon://x'),
        connectEdge('memory://x', { timeoutMs: 0 }),
        connectEdge('memory://x', { maxInFlight: 0.5 }),
        connectEdge('memory://x', { labels: { a: 'x'.repeat(1024) } }),
        connectEdge('memory://x', { labels: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`l${i}`, ''])) }),
        connectEdge('memory://x', { methods: { edge_online: () => '' } }),
        connectEdge('memory://x', { reconnect: { factor: 0 } }),
      ].map((connecting) => connecting.then(() => 'connected').catch((error: unknown) => (error as FrontierError).code)),
    )
    expect(new Set(codes)).toEqual(new Set(['INVALID_ARGUMENT']))
  })

  it('presents name and topics of a service', async () => {
    await using gateway = await FakeGateway.start()
    await using service = await connectService(gateway.address, { name: 'orders', topics: ['a.b', '*'] })
    expect(service.state).toBe('online')
    expect(gateway.hellos[0]).toMatchObject({ role: 'service', name: 'orders', topics: ['a.b', '*'] })
  })

  it('asks a token function again on each connect, and retries when it throws', async () => {
    await using gateway = await FakeGateway.start()
    let asked = 0
    const token = (): string => {
      if (asked++ === 0) throw new Error('the token server is away')
      return `token-${asked}`
    }
    await using edge = await connectEdge(gateway.address, { token, reconnect: { initialDelayMs: 1, maxDelayMs: 2 } })
    gateway.link.die()
    await until(() => gateway.hellos.length === 2 && edge.state === 'online')
    expect(gateway.hellos.map((hello) => hello.token)).toEqual(['token-2', 'token-3'])
  })
})
