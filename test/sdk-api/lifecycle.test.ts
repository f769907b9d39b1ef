// sdk-api.md: drain, close, abort, asyncDispose, closed, state; each twice and side by side. Frontier: drain, close, dispose.
import { connectEdge, type Edge, type Stream } from '@frontier/edge'
import { createFrontier } from '@frontier/gateway'
import type { Service } from '@frontier/service'
import { describe, expect, it } from 'vitest'
import { deferred } from '../support/deferred.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { statusLog } from '../support/status-log.js'
import { readNext } from '../support/stream-pair.js'
import { startGateway } from '../support/test-gateway.js'
import { trio } from '../support/trio.js'

const never = (): Promise<void> => new Promise(() => undefined)

/** New work of every kind, whose errors are to be looked at. */
function newWork(end: Edge | Service): Promise<{ code: string; delivered: string }[]> {
  const all =
    'name' in end
      ? [end.call(1, 'm'), end.publish(1, 'x'), end.openStream(1), end.register('new', () => 'x')]
      : [end.call('m'), end.publish('t', 'x'), end.openStream('s'), end.register('new', () => 'x')]
  return Promise.all(all.map(rejectionOf))
}

describe('drain', () => {
  it('finishes what is in flight in both directions, takes nothing new, then closes', async () => {
    const gate = deferred()
    const hold = async (): Promise<string> => {
      await gate.promise
      return 'done'
    }
    const log = statusLog()
    await using three = await trio({ edge: { methods: { hold, quick: () => 'quick' }, onStatus: log.listen }, service: { methods: { hold }, name: 's', onStream() {} } })
    const { gateway, edge, service } = three
    const inFlight = [edge.call('hold'), service.call(edge.id, 'hold')]
    await eventually('both are under way', () => gateway.frontier.exchange.pendingCount === 2)
    let isDrained = false
    const drained = edge.drain().then(() => (isDrained = true))
    expect(edge.state).toBe('draining')
    expect(log.all.at(-1)).toMatchObject({ type: 'draining', reason: expect.any(String) })
    for (const error of await newWork(edge)) expect(error).toMatchObject({ code: 'DRAINING', delivered: 'no' })
    await eventually('the gateway sends nothing new', async () => (await rejectionOf(service.call(edge.id, 'quick'))).code === 'EDGE_NOT_ONLINE')
    expect(isDrained).toBe(false)
    gate.resolve()
    expect((await Promise.all(inFlight)).map((reply) => reply.text())).toEqual(['done', 'done'])
    await drained
    expect(edge.state).toBe('closed')
    expect(await edge.closed).toMatchObject({ code: 'CLOSED' })
    expect(log.types.slice(-2)).toEqual(['draining', 'closed'])
  })

  it('waits for open streams, both of whose directions go on', async () => {
    await using three = await trio({ service: { name: 's' } })
    const { edge, service } = three
    const taken = deferred<Stream>()
    service.onStream((stream) => taken.resolve(stream))
    const near = await edge.openStream('s')
    const far = await taken.promise
    const drained = edge.drain()
    await near.write('after')
    expect(await readNext(far[Symbol.asyncIterator]())).toBe('after')
    await far.close()
    await drained
    expect((await near.closed).code).toBe('CLOSED')
  })

  it('is over after timeoutMs, whatever is in flight', async () => {
    await using three = await trio({ service: { methods: { never } } })
    const { edge } = three
    const call = rejectionOf(edge.call('never'))
    const began = performance.now()
    await edge.drain({ timeoutMs: 60 })
    expect(performance.now() - began).toBeLessThan(2000)
    expect((await call).code).toMatch(/^(EOF|UNAVAILABLE)$/)
    expect((await edge.closed).code).toBe('CLOSED')
  })

  it('of an idle end is quick, also with await using', async () => {
    await using gateway = await startGateway()
    const began = performance.now()
    let inside: Edge
    {
      await using edge = await connectEdge(gateway.edges)
      inside = edge
    }
    expect(inside.state).toBe('closed')
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it('while offline closes at once', async () => {
    const gateway = await startGateway()
    const edge = await connectEdge(gateway.edges, { reconnect: { initialDelayMs: 60_000, maxDelayMs: 60_000 } })
    await gateway[Symbol.asyncDispose]()
    await eventually('it is offline', () => edge.state === 'offline')
    await edge.drain()
    expect(edge.state).toBe('closed')
  })
})

describe('asyncDispose', () => {
  it('drains for 5 s at most', async () => {
    await using three = await trio({ service: { methods: { never } } })
    const { edge } = three
    const call = rejectionOf(edge.call('never'))
    const began = performance.now()
    await edge[Symbol.asyncDispose]()
    const took = performance.now() - began
    expect(took).toBeGreaterThan(4500)
    expect(took).toBeLessThan(7000)
    await call
  })
})

describe('close and abort', () => {
  it.each(['close', 'abort'] as const)('%s: what is in flight fails, what is new too, closed resolves', async (how) => {
    await using three = await trio({ edge: { methods: { never } }, service: { methods: { never }, name: 's', onStream() {} } })
    const { gateway, edge, service } = three
    const mine = rejectionOf(edge.call('never'))
    const theirs = rejectionOf(service.call(edge.id, 'never'))
    const stream = await edge.openStream('s')
    await eventually('both are under way', () => gateway.frontier.exchange.pendingCount === 2)
    await edge[how]()
    expect(edge.state).toBe('closed')
    expect(await mine).toMatchObject({ delivered: 'maybe' })
    expect(await theirs).toMatchObject({ code: 'EOF', origin: 'gateway', delivered: 'maybe' })
    expect((await stream.closed).code).toBe('EOF')
    for (const error of await newWork(edge)) expect(error).toMatchObject({ code: 'UNAVAILABLE', delivered: 'no' })
    expect(await edge.closed).toMatchObject({ code: 'CLOSED' })
    expect(edge.listStreams()).toEqual([])
    expect(service.state).toBe('online')
  })

  it('what is iterated afterwards is over at once', async () => {
    await using three = await trio()
    const { edge } = three
    await edge.close()
    for await (const message of edge.messages()) expect(message).toBeUndefined()
    for await (const stream of edge.streams()) expect(stream).toBeUndefined()
  })

  it('close sends what was published before', async () => {
    const heard: string[] = []
    await using three = await trio({ service: { topics: ['t'], onMessage: (message) => void heard.push(message.text()) } })
    const sent = three.edge.publish('t', 'last words', { delivery: 'at-most-once' })
    await Promise.all([sent, three.edge.close()])
    await eventually('they arrived', () => heard.length === 1)
  })

  it('all of them, twice and side by side, at both ends', async () => {
    await using gateway = await startGateway()
    for (const connect of [() => gateway.edge(), () => gateway.service()]) {
      for (const order of [
        ['drain', 'drain', 'close'],
        ['close', 'drain', 'abort', 'close'],
        ['abort', 'abort', 'drain'],
        ['drain', 'abort'],
      ] as const) {
        const end = await connect()
        const log = statusLog()
        end.onStatus(log.listen)
        await Promise.all([...order.map((how) => end[how]()), end[Symbol.asyncDispose]()])
        for (const how of order) await end[how]()
        await end[Symbol.asyncDispose]()
        expect(end.state).toBe('closed')
        expect(log.types.filter((type) => type === 'closed')).toHaveLength(1)
        expect((await end.closed).code).toBe('CLOSED')
        expect(await end.closed).toBe(await end.closed)
      }
    }
    await eventually('the gateway knows', () => gateway.frontier.registry.edgeCount + gateway.frontier.registry.serviceCount === 0)
  })

  it('during a drain cuts it short', async () => {
    await using three = await trio({ service: { methods: { never } } })
    const call = rejectionOf(three.edge.call('never'))
    const drained = three.edge.drain()
    await three.edge.close()
    await drained
    expect((await call).code).toMatch(/^(EOF|UNAVAILABLE)$/)
  })
})

describe('the gateway', () => {
  it('listens when createFrontier resolves, with real ports; {} is the defaults', async () => {
    const listen = { addr: '127.0.0.1:0' }
    await using frontier = await createFrontier({ edgebound: { listen }, servicebound: { listen } })
    const { edgebound, servicebound } = frontier.addresses
    for (const address of [edgebound, servicebound]) expect(address).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)
    const edge = await connectEdge(edgebound)
    const { items, count } = await frontier.registry.listEdges()
    expect([count, items[0]!.edgeId]).toEqual([1, edge.id])
    expect(await frontier.registry.getEdge(edge.id)).toMatchObject({ edgeId: edge.id })
    const events: string[] = []
    frontier.registry.watch((event) => void events.push(event.type))
    await frontier.registry.kickEdge(edge.id)
    expect(events).toContain('offline')
    await edge.close()
    expect((await rejectionOf(createFrontier({ edgebound: { listen: { addr: edgebound.slice(6) } }, servicebound: { listen } }))).code).toBe('UNAVAILABLE')
    expect((await rejectionOf(createFrontier({ edgebound: { listen: { addr: 'nonsense' } } }))).code).toBe('INVALID_ARGUMENT')
    expect((await rejectionOf(createFrontier({ unknown: 1 } as never))).code).toBe('INVALID_ARGUMENT')
  })

  it('drain lets calls end; close and dispose twice and side by side', async () => {
    const gateway = await startGateway()
    const gate = deferred()
    await gateway.service({ methods: { hold: () => gate.promise.then(() => 'done') } })
    const edge = await gateway.edge({ reconnect: false })
    const call = edge.call('hold')
    await eventually('it is under way', () => gateway.frontier.exchange.pendingCount === 1)
    const { frontier } = gateway
    const drained = frontier.drain({ timeoutMs: 5000 })
    expect((await rejectionOf(connectEdge(gateway.edges, { reconnect: false }))).code).toMatch(/^(UNAVAILABLE|DRAINING|EOF)$/)
    gate.resolve()
    expect((await call).text()).toBe('done')
    await Promise.all([drained, frontier.drain(), frontier.close(), frontier.close(), frontier[Symbol.asyncDispose]()])
    await edge.closed
    await gateway[Symbol.asyncDispose]()
  })
})
