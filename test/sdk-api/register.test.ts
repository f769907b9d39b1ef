// sdk-api.md: register of both ends.
import { FrontierError, type Status } from '@frontier/edge'
import { describe, expect, it } from 'vitest'
import { delayProxy } from '../support/delay-proxy.js'
import { deferred } from '../support/deferred.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { startGateway } from '../support/test-gateway.js'
import { trio } from '../support/trio.js'

const quick = { initialDelayMs: 1, maxDelayMs: 10 }

describe('register', () => {
  it('resolves when callers can reach it, and gives it back when disposed of', async () => {
    await using three = await trio()
    const { edge, service } = three
    const atService = await service.register('up', () => 'up')
    const atEdge = await edge.register('down', () => 'down')
    expect((await edge.call('up')).text()).toBe('up')
    expect((await service.call(edge.id, 'down')).text()).toBe('down')
    atService[Symbol.dispose]()
    atEdge[Symbol.dispose]()
    atService[Symbol.dispose]()
    await eventually('nobody serves it', async () => (await three.gateway.frontier.registry.listServiceMethods()).count === 0)
    expect((await rejectionOf(edge.call('up'))).code).toBe('RPC_NOT_ONLINE')
    expect((await rejectionOf(service.call(edge.id, 'down'))).code).toBe('RPC_NOT_ONLINE')
    const again = await edge.register('down', () => 'again')
    atEdge[Symbol.dispose]()
    expect((await service.call(edge.id, 'down')).text()).toBe('again')
    again[Symbol.dispose]()
  })

  it('the same name twice is INVALID_ARGUMENT, with what came in the options, too', async () => {
    await using three = await trio({ edge: { methods: { given: () => 'options' } } })
    const { edge, service } = three
    await service.register('twice', () => 1 as never)
    for (const second of [edge.register('given', () => 'x'), service.register('twice', () => 'x')]) {
      const error = await rejectionOf(second)
      expect(error).toBeInstanceOf(FrontierError)
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', origin: 'local', delivered: 'no' })
    }
    expect((await service.call(edge.id, 'given')).text()).toBe('options')
    const both = await Promise.allSettled([edge.register('racing', () => 'x'), edge.register('racing', () => 'y')])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it.each(['', 'x'.repeat(1025), 'get_edge_id', 'edge_online', 'edge_offline'])('refuses the name %.20s', async (name) => {
    await using three = await trio()
    for (const end of [three.edge, three.service]) expect((await rejectionOf(end.register(name, () => 'x'))).code).toBe('INVALID_ARGUMENT')
  })

  it('takes any other name, and a handler must be a function', async () => {
    await using three = await trio()
    for (const name of ['ä', 'x'.repeat(1024), '*', 'a.>', 'with space', '__proto__', 'constructor']) {
      await three.service.register(name, ({ method }) => method)
      expect((await three.edge.call(name)).text()).toBe(name)
    }
    expect((await rejectionOf(three.edge.register('m', 'handler' as never))).code).toBe('INVALID_ARGUMENT')
  })

  it('is kept through reconnects, those from the options as well', async () => {
    await using gateway = await startGateway()
    await using edges = await delayProxy(gateway.edges, 0)
    await using services = await delayProxy(gateway.services, 0)
    let online = 0
    const onStatus = ({ type }: Status): void => {
      if (type === 'online') online++
    }
    const edge = await gateway.edge({ reconnect: quick, methods: { given: () => 'given' }, onStatus }, edges.address)
    const service = await gateway.service({ reconnect: quick, name: 's', topics: ['t'], onMessage() {}, onStatus }, services.address)
    const removed = await edge.register('removed', () => 'x')
    await edge.register('later', () => 'later')
    await service.register('up', () => 'up')
    removed[Symbol.dispose]()
    for (const round of [1, 2]) {
      edges.cut('reset')
      services.cut('fin')
      await eventually('both are back', () => online === 2 + 2 * round)
      expect((await service.call(edge.id, 'given')).text()).toBe('given')
      expect((await service.call(edge.id, 'later')).text()).toBe('later')
      expect((await rejectionOf(service.call(edge.id, 'removed'))).code).toBe('RPC_NOT_ONLINE')
      expect((await edge.call('up')).text()).toBe('up')
      await edge.publish('t', 'x')
    }
  })
})

describe('while the link is away', () => {
  /** An edge and a service whose ways to the gateway are gone, and come back when asked. */
  it('call, publish, openStream and register wait for it in order', async () => {
    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 0)
    const heard: string[] = []
    await gateway.service({
      name: 's',
      topics: ['t'],
      methods: { m: (request) => (heard.push(request.text()), 'r') },
      onMessage: (message) => void heard.push(message.text()),
      onStream: (stream) => void heard.push(new TextDecoder().decode(stream.meta)),
    })
    // The pause before the first attempt is up to 400 ms: long enough to ask for everything.
    const edge = await gateway.edge({ reconnect: { initialDelayMs: 400, maxDelayMs: 400 } }, proxy.address)
    const { id } = edge
    const offline = deferred()
    edge.onStatus(({ type }) => {
      if (type === 'offline') offline.resolve()
    })
    proxy.cut('reset')
    await offline.promise
    expect(edge.state).toBe('offline')
    const all = [
      edge.call('m', '1'),
      edge.publish('t', '2'),
      edge.call('m', '3'),
      edge.publish('t', '4', { delivery: 'at-most-once' }),
      edge.publish('t', '5'),
      edge.register('later', () => 'later'),
      edge.openStream('s', { meta: 'stream' }),
    ] as const
    expect(heard).toEqual([])
    await Promise.all(all)
    expect(heard.filter((text) => text !== 'stream')).toEqual(['1', '2', '3', '4', '5'])
    expect(heard).toContain('stream')
    const service = await gateway.service()
    expect((await service.call(id, 'later')).text()).toBe('later')
  })

  it('and fail UNAVAILABLE when their time is up, delivered no', async () => {
    const gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 0)
    await using services = await delayProxy(gateway.services, 0)
    const edge = await gateway.edge({ reconnect: { initialDelayMs: 5000, maxDelayMs: 5000 } }, proxy.address)
    const service = await gateway.service({ reconnect: { initialDelayMs: 5000, maxDelayMs: 5000 }, timeoutMs: 60 }, services.address)
    await Promise.all([proxy[Symbol.asyncDispose](), services[Symbol.asyncDispose]()])
    await eventually('both are offline', () => edge.state === 'offline' && service.state === 'offline')
    const timeoutMs = 60
    const all = [
      edge.call('m', '', { timeoutMs }),
      edge.publish('t', 'x', { timeoutMs }),
      edge.publish('t', 'x', { timeoutMs, delivery: 'at-most-once' }),
      edge.openStream('s', { timeoutMs }),
      edge.register('m', () => 'x', { timeoutMs }),
      service.call(1, 'm'),
      service.publish(1, 'x'),
      service.openStream(1),
      service.register('m', () => 'x'),
    ]
    for (const error of await Promise.all(all.map(rejectionOf))) {
      expect(error).toMatchObject({ code: 'UNAVAILABLE', delivered: 'no', origin: 'local', retryable: true })
    }
    await gateway[Symbol.asyncDispose]()
  })

  it('can be given up by their signal', async () => {
    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 0)
    const edge = await gateway.edge({ reconnect: { initialDelayMs: 60_000, maxDelayMs: 60_000 } }, proxy.address)
    proxy.cut('reset')
    await eventually('it is offline', () => edge.state === 'offline')
    const { signal, abort } = ((controller) => ({ signal: controller.signal, abort: () => controller.abort() }))(new AbortController())
    const all = [edge.call('m', '', { signal }), edge.publish('t', 'x', { signal }), edge.openStream('s', { signal }), edge.register('m', () => 'x', { signal })]
    abort()
    for (const error of await Promise.all(all.map(rejectionOf))) expect(error).toMatchObject({ code: 'CANCELLED', delivered: 'no' })
  })

  it('what had been sent fails EOF at once', async () => {
    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 0)
    let served = 0
    await gateway.service({ methods: { m: () => (served++, new Promise(() => undefined)) } })
    const edge = await gateway.edge({ reconnect: quick }, proxy.address)
    const call = rejectionOf(edge.call('m'))
    await eventually('it is served', () => served === 1)
    proxy.cut('reset')
    expect(await call).toMatchObject({ code: 'EOF', delivered: 'maybe', origin: 'local', retryable: true })
    await eventually('it is back', () => edge.state === 'online')
    expect(served).toBe(1)
  })
})
