// sdk-api.md: Status, onStatus, state, closed, through outages, a gateway's drain, and the end.
import { connectEdge, FrontierError } from '@frontier/edge'
import { createFrontier } from '@frontier/gateway'
import { describe, expect, it } from 'vitest'
import { delayProxy } from '../support/delay-proxy.js'
import { deferred } from '../support/deferred.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { statusLog } from '../support/status-log.js'
import { startGateway } from '../support/test-gateway.js'
import { trio } from '../support/trio.js'

const quick = { initialDelayMs: 1, maxDelayMs: 10 }

describe('status through an outage', () => {
  it('is online, offline with its error, retrying, online resumed', async () => {
    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 0)
    const log = statusLog()
    const edge = await gateway.edge({ reconnect: quick, onStatus: log.listen }, proxy.address)
    expect(edge.state).toBe('online')
    expect(log.all).toEqual([{ type: 'online', id: edge.id, resumed: false }])
    proxy.cut('reset')
    const { error } = await log.wait('offline')
    expect(error).toBeInstanceOf(FrontierError)
    expect(error).toMatchObject({ code: 'EOF', retryable: true })
    expect(await log.wait('online', 2)).toEqual({ type: 'online', id: edge.id, resumed: true })
    expect(log.types.slice(0, 3)).toEqual(['online', 'offline', 'retrying'])
    expect(new Set(log.types.slice(3, -1))).toEqual(new Set(log.types.length > 4 ? ['retrying'] : []))
    const first = log.all[2] as { attempt: number; delayMs: number }
    expect(first.attempt).toBe(1)
    expect(first.delayMs).toBeGreaterThanOrEqual(0)
    await edge.close()
    expect(log.all.at(-1)).toMatchObject({ type: 'closed', reason: { code: 'CLOSED' } })
    expect(await edge.closed).toEqual((log.all.at(-1) as { reason: unknown }).reason)
  })

  it('counts attempts up while nobody answers, and state says where it stands', async () => {
    const gateway = await startGateway()
    const { port } = new URL(gateway.edges)
    const log = statusLog()
    const states: string[] = []
    const edge = await connectEdge(gateway.edges, { reconnect: quick, onStatus: log.listen })
    edge.onStatus(() => states.push(edge.state))
    await gateway[Symbol.asyncDispose]()
    await log.wait('retrying', 4)
    expect(states[0]).toBe('offline')
    expect(edge.state).toBe('offline')
    const attempts = log.all.filter((status) => status.type === 'retrying').map(({ attempt }) => attempt)
    expect(attempts).toEqual(attempts.map((_, i) => i + 1))
    const frontier = await createFrontier({
      edgebound: { listen: { addr: `127.0.0.1:${port}` } },
      servicebound: { listen: { addr: '127.0.0.1:0' } },
    })
    // Another gateway with another key: it does not know the resume token.
    expect(await log.wait('online', 2)).toMatchObject({ resumed: false })
    expect(edge.state).toBe('online')
    await edge.close()
    await frontier.close()
  })

  it('resumes at another gateway that has the same key', async () => {
    const config = { exchange: { resume_key: 'a key of sixteen bytes' } }
    await using one = await startGateway(config)
    await using other = await startGateway(config)
    const log = statusLog()
    const edge = await connectEdge([one.edges, other.edges], { reconnect: quick, onStatus: log.listen })
    const { id } = edge
    const home = one.frontier.registry.edgeCount === 1 ? one : other
    await home.frontier.close()
    await eventually('it has moved', () => one.frontier.registry.edgeCount + other.frontier.registry.edgeCount === 1 && log.types.filter((type) => type === 'online').length === 2)
    expect(await log.wait('online', 2)).toEqual({ type: 'online', id, resumed: true })
    await edge.close()
  })

  it('of a first connect begins with retrying, and ends closed when it fails', async () => {
    const log = statusLog()
    const connecting = connectEdge('127.0.0.1:1', { reconnect: quick, firstConnectTimeoutMs: 80, onStatus: log.listen })
    const error = await rejectionOf(connecting)
    expect(log.types[0]).toBe('retrying')
    expect(log.all.at(-1)).toMatchObject({ type: 'closed', reason: { code: 'UNAVAILABLE', error } })
    expect(log.types.filter((type) => type === 'closed')).toHaveLength(1)
  })
})

describe('onStatus', () => {
  it('has any number of listeners, until they are disposed of', async () => {
    await using three = await trio()
    const [one, other] = [statusLog(), statusLog()]
    const listening = three.edge.onStatus(one.listen)
    three.edge.onStatus(other.listen)
    listening[Symbol.dispose]()
    await three.edge.close()
    expect([one.types, other.types]).toEqual([[], ['closed']])
  })
})

describe('draining', () => {
  it('of the gateway is told with its reason, and the SDK moves elsewhere meanwhile', async () => {
    const config = { exchange: { resume_key: 'a key of sixteen bytes' } }
    await using old = await startGateway(config)
    await using next = await startGateway(config)
    const gate = deferred()
    await old.service({ methods: { hold: () => gate.promise.then(() => 'kept') }, reconnect: false })
    await next.service({ methods: { m: () => 'next' } })
    let log = statusLog()
    let edge = await connectEdge([old.edges, next.edges], { reconnect: quick, onStatus: log.listen })
    // Which one is tried first is chance.
    while (old.frontier.registry.edgeCount === 0) {
      await edge.close()
      log = statusLog()
      edge = await connectEdge([old.edges, next.edges], { reconnect: quick, onStatus: log.listen })
    }
    const held = edge.call('hold')
    await eventually('it is held', () => old.frontier.exchange.pendingCount === 1)
    const draining = old.frontier.drain({ timeoutMs: 5000 })
    expect((await log.wait('draining')).reason).not.toBe('')
    await log.wait('online', 2)
    expect(edge.state).toBe('online')
    expect((await edge.call('m')).text()).toBe('next')
    gate.resolve()
    expect((await held).text()).toBe('kept')
    await draining
    expect(log.types.filter((type) => type !== 'retrying')).toEqual(['online', 'draining', 'online'])
    await edge.close()
  })
})

describe('closed', () => {
  it('tells why: kicked, replaced, closed, aborted with a reason', async () => {
    await using gateway = await startGateway()
    const kicked = await gateway.edge({ reconnect: false })
    await gateway.frontier.registry.kickEdge(kicked.id)
    expect(await kicked.closed).toMatchObject({ code: 'KICKED', error: { code: 'KICKED', origin: 'gateway' } })

    await gateway.service({ hooks: { getEdgeId: () => 7 } })
    const replaced = await gateway.edge({ reconnect: quick })
    await gateway.edge()
    expect(await replaced.closed).toMatchObject({ code: 'REPLACED', error: { code: 'REPLACED', origin: 'gateway' } })
    expect(await rejectionOf(replaced.call('m'))).toMatchObject({ code: 'UNAVAILABLE', delivered: 'no', cause: { code: 'REPLACED' } })

    const aborted = await gateway.service()
    aborted.abort(new Error('out of memory'))
    expect(await aborted.closed).toMatchObject({ message: 'out of memory', error: { message: expect.stringContaining('out of memory') } })
    const closed = await gateway.service()
    await closed.close()
    expect(await closed.closed).toMatchObject({ code: 'CLOSED' })
  })

  it('a kicked edge comes back by itself when it may', async () => {
    await using gateway = await startGateway()
    const log = statusLog()
    const edge = await gateway.edge({ reconnect: quick, onStatus: log.listen })
    await gateway.frontier.registry.kickEdge(edge.id)
    expect((await log.wait('offline')).error.code).toBe('KICKED')
    await log.wait('online', 2)
    expect(edge.state).toBe('online')
  })
})
