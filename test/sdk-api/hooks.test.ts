// sdk-api.md: Hooks, onGetEdgeId, onEdgeOnline, onEdgeOffline, NewEdge, EdgeInfo, snapshot, and the order of one edge's events.
import { connectEdge, FrontierError } from '@frontier/edge'
import type { EdgeInfo, Hooks, NewEdge } from '@frontier/service'
import { describe, expect, it } from 'vitest'
import { delayProxy } from '../support/delay-proxy.js'
import { deferred } from '../support/deferred.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { relayProxy } from '../support/relay-proxy.js'
import { startGateway } from '../support/test-gateway.js'

const quick = { initialDelayMs: 1, maxDelayMs: 10 }

interface Event {
  kind: 'online' | 'offline'
  edge: EdgeInfo
}

/** Hooks that write down what they are told. */
function recording(): { events: Event[]; hooks: Hooks; kinds(): string[] } {
  const events: Event[] = []
  return {
    events,
    kinds: () => events.map(({ kind }) => kind),
    hooks: {
      edgeOnline: (edge) => void events.push({ kind: 'online', edge }),
      edgeOffline: (edge) => void events.push({ kind: 'offline', edge }),
    },
  }
}

describe('getEdgeId', () => {
  it('is shown who comes, and gives the id, at once or promised, number or bigint', async () => {
    await using gateway = await startGateway({}, { authenticate: ({ token }) => (token === undefined ? undefined : { subject: token, san: ['DNS:x'] }) })
    const shown: NewEdge[] = []
    const ids: (number | bigint | Promise<bigint>)[] = [41, 2n ** 63n + 41n, Promise.resolve(43n)]
    await gateway.service({ hooks: { getEdgeId: (edge) => (shown.push(edge), ids.shift()!) } })
    const first = await gateway.edge({ meta: 'ä', labels: { a: 'b' }, token: 'alice' })
    expect(first.id).toBe(41n)
    expect((await gateway.edge({ id: 2n ** 63n + 41n })).id).toBe(2n ** 63n + 41n)
    expect((await gateway.edge({ meta: new Uint8Array([1, 255]) })).id).toBe(43n)
    expect(shown[0]).toMatchObject({ labels: { a: 'b' }, identity: { subject: 'alice', san: ['DNS:x'] } })
    expect(shown[0]!.address).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(Buffer.from(shown[0]!.meta).toString()).toBe('ä')
    expect('wantedId' in shown[0]!).toBe(false)
    expect(shown[1]).toMatchObject({ wantedId: 2n ** 63n + 41n, labels: {} })
    expect('identity' in shown[1]!).toBe(false)
    expect([...shown[2]!.meta]).toEqual([1, 255])
  })

  it('a throw refuses the edge, with its code when it is a FrontierError', async () => {
    await using gateway = await startGateway()
    let thrown: unknown = new FrontierError('PERMISSION_DENIED', 'not on the list')
    await gateway.service({
      hooks: {
        getEdgeId: async () => {
          throw thrown
        },
      },
    })
    expect(await rejectionOf(gateway.edge({ reconnect: quick }))).toMatchObject({ code: 'PERMISSION_DENIED', message: 'PERMISSION_DENIED: not on the list' })
    thrown = new Error('no id left')
    const { code, message } = await rejectionOf(gateway.edge({ reconnect: false }))
    expect([code, message]).toEqual(['REMOTE_ERROR', 'REMOTE_ERROR: no id left'])
    expect(gateway.frontier.registry.edgeCount).toBe(0)
  })

  it('can come later, and go', async () => {
    await using gateway = await startGateway()
    const service = await gateway.service()
    const hook = await service.onGetEdgeId(() => 900)
    expect((await rejectionOf(service.onGetEdgeId(() => 901))).code).toBe('INVALID_ARGUMENT')
    expect((await gateway.edge()).id).toBe(900n)
    hook[Symbol.dispose]()
    await eventually('the gateway allots itself', async () => (await gateway.edge()).id !== 900n)
  })
})

describe('edgeOnline and edgeOffline', () => {
  it('tell who, when, which generation', async () => {
    await using gateway = await startGateway()
    const record = recording()
    await gateway.service({ hooks: record.hooks })
    const before = Date.now()
    const edge = await gateway.edge({ id: 12, meta: 'm', labels: { a: 'b' } })
    expect(record.kinds()).toEqual(['online'])
    const { edge: info } = record.events[0]!
    expect(info).toMatchObject({ edgeId: 12n, wantedId: 12n, labels: { a: 'b' } })
    expect(Buffer.from(info.meta).toString()).toBe('m')
    expect(info.at).toBeInstanceOf(Date)
    expect(Math.abs(info.at.getTime() - before)).toBeLessThan(10_000)
    expect(Math.abs(info.generation / 1000 - before)).toBeLessThan(10_000)
    await edge.close()
    await eventually('it is offline', () => record.events.length === 2)
    expect(record.events[1]).toMatchObject({ kind: 'offline', edge: { edgeId: 12n, generation: info.generation, labels: { a: 'b' } } })
    expect(Buffer.from(record.events[1]!.edge.meta).toString()).toBe('m')
  })

  it('a throw of edgeOnline refuses the edge, and nobody hears that it went', async () => {
    await using gateway = await startGateway()
    const offline: bigint[] = []
    let thrown: unknown = new FrontierError('PERMISSION_DENIED', 'closed today')
    await gateway.service({
      hooks: {
        edgeOnline: async () => {
          throw thrown
        },
        edgeOffline: ({ edgeId }) => void offline.push(edgeId),
      },
    })
    expect(await rejectionOf(gateway.edge())).toMatchObject({ code: 'PERMISSION_DENIED', message: 'PERMISSION_DENIED: closed today' })
    thrown = new Error('full')
    expect((await rejectionOf(gateway.edge({ reconnect: false }))).message).toContain('full')
    expect(offline).toEqual([])
  })

  it('the edge cannot be called before edgeOnline has returned', async () => {
    await using gateway = await startGateway()
    const gate = deferred()
    const seen = deferred<bigint>()
    const service = await gateway.service({
      hooks: {
        edgeOnline: async ({ edgeId }) => {
          seen.resolve(edgeId)
          await gate.promise
        },
      },
    })
    const connecting = gateway.edge({ methods: { m: () => 'here' } })
    const id = await seen.promise
    expect(await rejectionOf(service.call(id, 'm'))).toMatchObject({ code: 'EDGE_NOT_ONLINE', delivered: 'no' })
    gate.resolve()
    await connecting
    expect((await service.call(id, 'm')).text()).toBe('here')
  })

  it('can come later, and go; twice is INVALID_ARGUMENT', async () => {
    await using gateway = await startGateway()
    const service = await gateway.service()
    const online: bigint[] = []
    const offline: bigint[] = []
    const registrations = [await service.onEdgeOnline(({ edgeId }) => void online.push(edgeId)), await service.onEdgeOffline(({ edgeId }) => void offline.push(edgeId))]
    expect((await rejectionOf(service.onEdgeOnline(() => undefined))).code).toBe('INVALID_ARGUMENT')
    expect((await rejectionOf(service.onEdgeOffline(() => undefined))).code).toBe('INVALID_ARGUMENT')
    const edge = await gateway.edge()
    await edge.close()
    await eventually('it is gone', () => offline.length === 1)
    expect([online, offline]).toEqual([[edge.id], [edge.id]])
    for (const registration of registrations) registration[Symbol.dispose]()
    await gateway.edge()
    await service.register('barrier', () => 'x')
    const after = online.length
    const { id } = await gateway.edge()
    expect(online.slice(after)).not.toContain(id)
  })

  it('every service name hears it, services of one name once', async () => {
    await using gateway = await startGateway()
    const records = { a1: recording(), a2: recording(), b: recording(), unnamed: recording() }
    await gateway.service({ name: 'a', hooks: records.a1.hooks })
    await gateway.service({ name: 'a', hooks: records.a2.hooks })
    await gateway.service({ name: 'b', hooks: records.b.hooks })
    await gateway.service({ hooks: records.unnamed.hooks })
    const edge = await gateway.edge()
    await edge.close()
    await eventually('all have heard', () => records.b.events.length === 2 && records.unnamed.events.length === 2)
    await eventually('a has heard', () => records.a1.events.length + records.a2.events.length === 2)
    expect([records.b.kinds(), records.unnamed.kinds()]).toEqual([
      ['online', 'offline'],
      ['online', 'offline'],
    ])
    expect([records.a1.kinds(), records.a2.kinds()].filter((kinds) => kinds.length > 0)).toEqual([['online', 'offline']])
  })

  it('are kept through a reconnect of the service', async () => {
    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.services, 0)
    const record = recording()
    let online = 0
    await gateway.service({ hooks: record.hooks, reconnect: quick, onStatus: ({ type }) => void (online += type === 'online' ? 1 : 0) }, proxy.address)
    proxy.cut('reset')
    await eventually('it is back', () => online === 2)
    await gateway.edge()
    expect(record.kinds()).toEqual(['online'])
  })
})

describe('snapshot', () => {
  it('tells who is online already, as online events, before anything new', async () => {
    await using gateway = await startGateway()
    const early = [await gateway.edge({ meta: 'one', labels: { n: '1' } }), await gateway.edge()]
    const record = recording()
    await gateway.service({ hooks: { ...record.hooks, snapshot: true } })
    await eventually('both are told', () => record.events.length >= 2)
    const late = await gateway.edge()
    await eventually('the new one, too', () => record.events.length === 3)
    const ids = record.events.map(({ edge }) => edge.edgeId)
    expect(new Set(ids.slice(0, 2))).toEqual(new Set(early.map(({ id }) => id)))
    expect(ids[2]).toBe(late.id)
    const first = record.events.find(({ edge }) => edge.edgeId === early[0]!.id)!
    expect(first).toMatchObject({ kind: 'online', edge: { labels: { n: '1' } } })
    expect(Buffer.from(first.edge.meta).toString()).toBe('one')
    await early[0]!.close()
    await eventually('it goes', () => record.events.length === 4)
    expect(record.events[3]).toMatchObject({ kind: 'offline', edge: { edgeId: early[0]!.id, generation: first.edge.generation } })
  })

  it('is not told unless asked for', async () => {
    await using gateway = await startGateway()
    await gateway.edge()
    const record = recording()
    await gateway.service({ hooks: record.hooks })
    const { id } = await gateway.edge()
    expect(record.events.map(({ edge }) => edge.edgeId)).toEqual([id])
  })
})

describe('the order of one edge', () => {
  it('is online(g), offline(g), online(g+) at a take-over, however slow the hooks are', async () => {
    await using gateway = await startGateway()
    const log: string[] = []
    const generations: number[] = []
    let running = 0
    const slowly = (kind: string) => async (edge: EdgeInfo) => {
      expect(++running).toBe(1)
      log.push(kind)
      generations.push(edge.generation)
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
      running--
    }
    await gateway.service({ hooks: { getEdgeId: () => 7, edgeOnline: slowly('online'), edgeOffline: slowly('offline') } })
    const first = await gateway.edge({ reconnect: false })
    const second = await gateway.edge({ reconnect: false, methods: { who: () => 'second' } })
    expect([first.id, second.id]).toEqual([7n, 7n])
    expect(await first.closed).toMatchObject({ code: 'REPLACED' })
    await eventually('all three are told', () => log.length === 3)
    expect(log).toEqual(['online', 'offline', 'online'])
    expect(generations[1]).toBe(generations[0])
    expect(generations[2]).toBeGreaterThan(generations[0]!)
  })

  it('holds when the edge comes back over a new link while the old one is half-open', async () => {
    await using gateway = await startGateway({ edgebound: { ping_interval_seconds: 0.4 } })
    await using proxy = await relayProxy(gateway.edges)
    const record = recording()
    await gateway.service({ hooks: record.hooks })
    const edge = await connectEdge(proxy.address, { reconnect: quick })
    proxy.silence()
    await eventually('it is back', () => record.events.length >= 3)
    expect(record.kinds()).toEqual(['online', 'offline', 'online'])
    const [one, gone, two] = record.events.map((event) => event.edge.generation)
    expect(gone).toBe(one)
    expect(two).toBeGreaterThan(one!)
    expect(new Set(record.events.map((event) => event.edge.edgeId))).toEqual(new Set([edge.id]))
    await edge.close()
  })

  it('meta is what it was when the edge connected, whatever becomes of the buffer', async () => {
    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 0)
    const record = recording()
    await gateway.service({ hooks: record.hooks })
    const meta = Buffer.from('mine')
    await gateway.edge({ meta, reconnect: quick }, proxy.address)
    meta.fill('x')
    proxy.cut('reset')
    await eventually('it is back', () => record.events.length === 3)
    expect(record.events.map(({ edge }) => Buffer.from(edge.meta).toString())).toEqual(['mine', 'mine', 'mine'])
  })
})
