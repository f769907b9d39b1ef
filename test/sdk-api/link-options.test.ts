// sdk-api.md, interface LinkOptions: what a connection is told, and what becomes of it.
import { getEventListeners, once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createFrontier } from '@frontier/gateway'
import { connectEdge, FrontierError, type Message, type Status, type Stream } from '@frontier/edge'
import { connectService } from '@frontier/service'
import { describe, expect, it } from 'vitest'
import { delayProxy } from '../support/delay-proxy.js'
import { deferred } from '../support/deferred.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { startGateway } from '../support/test-gateway.js'
import { trio } from '../support/trio.js'

const quick = { initialDelayMs: 1, maxDelayMs: 10 }

/** A port that nobody listens on: it was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('id', () => {
  it('is granted as it was asked for, number or bigint, and handed out as bigint', async () => {
    await using gateway = await startGateway()
    expect((await gateway.edge({ id: 77 })).id).toBe(77n)
    expect((await gateway.service({ id: 78 })).id).toBe(78n)
    const above = 2n ** 63n + 5n
    expect((await gateway.edge({ id: above })).id).toBe(above)
    expect((await gateway.service({ id: 2n ** 64n - 1n })).id).toBe(2n ** 64n - 1n)
  })

  it('is refused with ILLEGAL_EDGE_ID when somebody else has it, at once', async () => {
    await using gateway = await startGateway()
    const first = await gateway.edge({ id: 5 })
    const error = await rejectionOf(gateway.edge({ id: 5 }))
    expect(error).toMatchObject({ code: 'ILLEGAL_EDGE_ID', origin: 'gateway', retryable: false, delivered: 'no' })
    expect(first.state).toBe('online')
    await gateway.service({ id: 5 })
    expect((await rejectionOf(gateway.service({ id: 5 }))).code).toBe('ILLEGAL_EDGE_ID')
  })

  it('is refused, not replaced, when the id service gives another one', async () => {
    await using gateway = await startGateway()
    await gateway.service({ hooks: { getEdgeId: () => 9 } })
    expect((await rejectionOf(gateway.edge({ id: 5 }))).code).toBe('ILLEGAL_EDGE_ID')
    expect((await gateway.edge({ id: 9 })).id).toBe(9n)
  })

  it.each([0, -1, 1.5, Number.MAX_SAFE_INTEGER + 1, 2n ** 64n, -5n, Number.NaN])('%s is none', async (id) => {
    expect((await rejectionOf(connectEdge('127.0.0.1:1', { id }))).code).toBe('ILLEGAL_EDGE_ID')
  })

  it('stays through reconnects, wanted or not', async () => {
    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 0)
    const statuses: Status[] = []
    const wanted = await gateway.edge({ id: 2n ** 63n + 1n, reconnect: quick, onStatus: (status) => statuses.push(status) }, proxy.address)
    const given = await gateway.edge({ reconnect: quick, onStatus: (status) => statuses.push(status) }, proxy.address)
    const { id } = given
    proxy.cut('reset')
    await eventually('both are back', () => statuses.filter(({ type }) => type === 'online').length === 4)
    expect([wanted.id, given.id]).toEqual([2n ** 63n + 1n, id])
  })

  it('ends the link for good when it is gone by the time of a reconnect', async () => {
    await using first = await startGateway()
    const proxy = await delayProxy(first.edges, 0)
    await using second = await startGateway()
    const edge = await first.edge({ id: 5, reconnect: quick }, proxy.address)
    await second.edge({ id: 5 })
    // The way to the first gateway now ends at the second.
    const { port } = new URL(proxy.address)
    await proxy[Symbol.asyncDispose]()
    await using _detour = await detour(second.edges, Number(port))
    expect(await edge.closed).toMatchObject({ code: 'ILLEGAL_EDGE_ID' })
    expect(edge.state).toBe('closed')
  })
})

/** Forwards from a port of our choice. */
async function detour(target: string, port: number): Promise<AsyncDisposable> {
  const { connect } = await import('node:net')
  const { hostname, port: targetPort } = new URL(target)
  const server = createServer((near) => {
    const far = connect(Number(targetPort), hostname)
    near.on('error', () => far.destroy()).pipe(far)
    far.on('error', () => near.destroy()).pipe(near)
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

describe('labels', () => {
  const many = (count: number): Record<string, string> => Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, 'v']))

  it('reach hooks and registry, and select there', async () => {
    await using gateway = await startGateway()
    const seen: Record<string, string>[] = []
    await gateway.service({ labels: { kind: 'worker' }, hooks: { edgeOnline: ({ labels }) => void seen.push(labels) } })
    const edge = await gateway.edge({ labels: { room: 'ä', floor: '1' } })
    await gateway.edge({ labels: { room: 'b' } })
    expect(seen).toEqual([{ room: 'ä', floor: '1' }, { room: 'b' }])
    const { items } = await gateway.frontier.registry.listEdges({ labels: { room: 'ä' } })
    expect(items.map(({ edgeId, labels }) => ({ edgeId, labels }))).toEqual([{ edgeId: edge.id, labels: { room: 'ä', floor: '1' } }])
    expect((await gateway.frontier.registry.listServices({ labels: { kind: 'worker' } })).count).toBe(1)
  })

  it('are at most 16', async () => {
    await using gateway = await startGateway()
    await gateway.edge({ labels: many(16) })
    expect(await rejectionOf(gateway.edge({ labels: many(17) }))).toMatchObject({ code: 'INVALID_ARGUMENT', origin: 'local' })
  })

  it('have at most 1 KiB together, names included', async () => {
    await using gateway = await startGateway()
    await gateway.edge({ labels: { name: 'ä'.repeat(510) } })
    expect((await rejectionOf(gateway.edge({ labels: { names: 'ä'.repeat(510) } }))).code).toBe('INVALID_ARGUMENT')
  })
})

describe('token', () => {
  it('is presented in the handshake, text or function, by edge and service', async () => {
    const tokens: (string | undefined)[] = []
    await using gateway = await startGateway({}, { authenticate: ({ token }) => void tokens.push(token) })
    await gateway.edge({ token: 'text' })
    await gateway.edge({ token: () => 'function' })
    await gateway.service({ token: async () => 'promise' })
    await gateway.edge()
    expect(tokens).toEqual(['text', 'function', 'promise', undefined])
  })

  it('is asked for again on each reconnect', async () => {
    const tokens: (string | undefined)[] = []
    await using gateway = await startGateway({}, { authenticate: ({ token }) => void tokens.push(token) })
    await using proxy = await delayProxy(gateway.edges, 0)
    let asked = 0
    await gateway.edge({ token: async () => `t${++asked}`, reconnect: quick }, proxy.address)
    for (const count of [2, 3]) {
      proxy.cut('reset')
      await eventually('it is back', () => gateway.frontier.registry.edgeCount === 1 && tokens.length === count)
    }
    expect(tokens).toEqual(['t1', 't2', 't3'])
  })

  it('function that fails costs an attempt, not the connection; its FrontierError can be final', async () => {
    await using gateway = await startGateway()
    let asked = 0
    const token = (): string => {
      if (++asked < 3) throw new Error('the token server is away')
      return 't'
    }
    await gateway.edge({ token, reconnect: quick })
    expect(asked).toBe(3)
    const refused = gateway.edge({
      token: () => {
        throw new FrontierError('UNAUTHENTICATED', 'logged out')
      },
    })
    expect(await rejectionOf(refused)).toMatchObject({ code: 'UNAUTHENTICATED', message: 'UNAUTHENTICATED: logged out' })
  })
})

describe('reconnect', () => {
  it('false is one attempt, and one link', async () => {
    const port = await freePort()
    const statuses: Status[] = []
    const none = connectEdge(`127.0.0.1:${port}`, { reconnect: false, onStatus: (status) => statuses.push(status) })
    expect(await rejectionOf(none)).toMatchObject({ code: 'UNAVAILABLE', delivered: 'no' })
    expect(statuses.map(({ type }) => type)).toEqual(['closed'])

    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 0)
    const edge = await gateway.edge({ reconnect: false }, proxy.address)
    proxy.cut('fin')
    expect(await edge.closed).toMatchObject({ code: 'EOF', error: { code: 'EOF' } })
  })

  it('pauses within initialDelayMs, factor and maxDelayMs, with jitter', async () => {
    const delays: number[] = []
    const attempts: number[] = []
    const port = await freePort()
    const gaveUp = new AbortController()
    const connecting = connectEdge(`127.0.0.1:${port}`, {
      reconnect: { initialDelayMs: 2, factor: 3, maxDelayMs: 20 },
      signal: gaveUp.signal,
      onStatus(status) {
        if (status.type !== 'retrying') return
        delays.push(status.delayMs)
        attempts.push(status.attempt)
        if (delays.length === 40) gaveUp.abort()
      },
    })
    expect((await rejectionOf(connecting)).code).toBe('CANCELLED')
    expect(attempts).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
    for (const [i, delay] of delays.entries()) expect(delay).toBeLessThanOrEqual(Math.min(20, 2 * 3 ** i))
    expect(Math.min(...delays.slice(3))).toBeLessThan(8)
    expect(Math.max(...delays)).toBeGreaterThan(12)
    expect(new Set(delays).size).toBeGreaterThan(5)
  })

  it('begins within 100 ms and doubles, unless told otherwise', async () => {
    const delays: number[] = []
    const gaveUp = new AbortController()
    const port = await freePort()
    const connecting = connectEdge(`127.0.0.1:${port}`, {
      signal: gaveUp.signal,
      onStatus(status) {
        if (status.type === 'retrying') delays.push(status.delayMs)
        if (delays.length === 4) gaveUp.abort()
      },
    })
    await rejectionOf(connecting)
    for (const [i, delay] of delays.entries()) expect(delay).toBeLessThanOrEqual(100 * 2 ** i)
  })
})

describe('time to connect', () => {
  it('connectTimeoutMs ends one dial with its handshake, not the search', async () => {
    let connections = 0
    const silent = createServer((socket) => {
      connections++
      socket.on('error', () => undefined)
    }).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const connecting = connectEdge(`127.0.0.1:${port}`, { connectTimeoutMs: 40, firstConnectTimeoutMs: 400, reconnect: quick })
    const error = await rejectionOf(connecting)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', origin: 'local', retryable: true, cause: { code: 'TIMEOUT' } })
    expect(connections).toBeGreaterThan(2)
    silent.close()
  })

  it('firstConnectTimeoutMs is how long a gateway may be late', async () => {
    const port = await freePort()
    const began = performance.now()
    expect((await rejectionOf(connectEdge(`127.0.0.1:${port}`, { firstConnectTimeoutMs: 60 }))).code).toBe('UNAVAILABLE')
    expect(performance.now() - began).toBeLessThan(2000)

    const tried = deferred()
    const onStatus = (status: Status): void => {
      if (status.type === 'retrying' && status.attempt > 2) tried.resolve()
    }
    const connecting = connectEdge(`127.0.0.1:${port}`, { firstConnectTimeoutMs: Number.POSITIVE_INFINITY, reconnect: quick, onStatus })
    await tried.promise
    const frontier = await createFrontier({
      edgebound: { listen: { addr: `127.0.0.1:${port}` } },
      servicebound: { listen: { addr: '127.0.0.1:0' } },
    })
    const edge = await connecting
    expect(edge.state).toBe('online')
    await edge.close()
    await frontier.close()
  })
})

describe('what must exist before the first request can arrive', () => {
  it('methods, onMessage and onStream are there when the other side first sees the edge', async () => {
    await using gateway = await startGateway()
    const outcome = deferred<string[]>()
    const service = await gateway.service({
      hooks: {
        edgeOnline({ edgeId }) {
          setImmediate(() => {
            const all = [
              service.call(edgeId, 'early').then((reply) => reply.text()),
              service.publish(edgeId, 'm').then(() => 'acked'),
              service.openStream(edgeId).then((stream) => stream.close().then(() => 'opened')),
            ]
            Promise.all(all).then(outcome.resolve, outcome.reject)
          })
        },
      },
    })
    const heard: string[] = []
    await gateway.edge({
      methods: { early: () => 'served' },
      onMessage: (message: Message) => void heard.push(message.text()),
      onStream: (stream: Stream) => void heard.push(`stream of ${stream.edgeId}`),
      onStatus: (status) => void heard.push(status.type),
    })
    expect(await outcome.promise).toEqual(['served', 'acked', 'opened'])
    expect(heard).toContain('m')
    expect(heard).toContain('online')
  })

  it('is all there for the service, too', async () => {
    await using gateway = await startGateway()
    const heard: string[] = []
    await gateway.service({
      name: 's',
      topics: ['t'],
      methods: { early: () => 'served' },
      onMessage: (message) => void heard.push(message.topic),
      onStream: (stream) => void heard.push(stream.service),
      onStatus: (status) => void heard.push(status.type),
    })
    const edge = await gateway.edge()
    expect((await edge.call('early')).text()).toBe('served')
    await edge.publish('t', 'x')
    await (await edge.openStream('s')).close()
    expect(heard).toEqual(['online', 't', 's'])
  })

  it('options that are none are refused before anything is dialled', async () => {
    const wrong: object[] = [
      { methods: { m: 'no function' } },
      { methods: { '': () => undefined } },
      { methods: { get_edge_id: () => undefined } },
      { onMessage: 1 },
      { onStream: {} },
      { onStatus: 'x' },
      { timeoutMs: 0 },
      { timeoutMs: -1 },
      { timeoutMs: Number.NaN },
      { connectTimeoutMs: 0 },
      { firstConnectTimeoutMs: -1 },
      { maxPayloadBytes: 0 },
      { maxInFlight: 1.5 },
      { reconnect: { factor: 0.5 } },
      { token: 5 },
    ]
    for (const options of wrong) {
      const error = await rejectionOf(connectEdge('127.0.0.1:1', { firstConnectTimeoutMs: 50, ...options }))
      expect([JSON.stringify(options), error.code]).toEqual([JSON.stringify(options), 'INVALID_ARGUMENT'])
    }
    expect((await rejectionOf(connectEdge([]))).code).toBe('INVALID_ARGUMENT')
    const services: object[] = [{ name: 'n'.repeat(1025) }, { topics: ['t', 't'] }, { topics: [''] }, { hooks: { edgeOnline: 1 } }]
    for (const options of services) expect((await rejectionOf(connectService('127.0.0.1:1', options))).code).toBe('INVALID_ARGUMENT')
  })
})

describe('signal', () => {
  it('gives up connecting, and leaves no listener', async () => {
    const port = await freePort()
    const gaveUp = new AbortController()
    const connecting = connectEdge(`127.0.0.1:${port}`, { signal: gaveUp.signal })
    gaveUp.abort(new Error('enough'))
    expect(await rejectionOf(connecting)).toMatchObject({ code: 'CANCELLED', origin: 'local', cause: { message: 'enough' } })
    expect(getEventListeners(gaveUp.signal, 'abort')).toHaveLength(0)
    expect((await rejectionOf(connectEdge(`127.0.0.1:${port}`, { signal: gaveUp.signal }))).code).toBe('CANCELLED')
  })

  it('means nothing once the link stands', async () => {
    await using gateway = await startGateway()
    const signal = new AbortController()
    const edge = await gateway.edge({ signal: signal.signal })
    expect(getEventListeners(signal.signal, 'abort')).toHaveLength(0)
    signal.abort()
    await gateway.service({ methods: { m: () => 'here' } })
    expect((await edge.call('m')).text()).toBe('here')
  })
})

describe('refusals', () => {
  it.each(['UNAUTHENTICATED', 'PERMISSION_DENIED'] as const)('%s rejects the connect at once', async (code) => {
    let attempts = 0
    const authenticate = (): never => {
      attempts++
      throw new FrontierError(code, 'not you')
    }
    await using gateway = await startGateway({}, { authenticate })
    for (const connect of [gateway.edge, gateway.service]) {
      expect(await rejectionOf(connect({ reconnect: quick }))).toMatchObject({ code, message: `${code}: not you`, origin: 'gateway', retryable: false })
    }
    expect(attempts).toBe(2)
  })

  it('any other throw of authenticate is UNAUTHENTICATED without a word of why', async () => {
    const authenticate = (): never => {
      throw new Error('secret')
    }
    await using gateway = await startGateway({}, { authenticate })
    const error = await rejectionOf(gateway.edge())
    expect(error.code).toBe('UNAUTHENTICATED')
    expect(error.message).not.toContain('secret')
  })

  it('PROTOCOL_ERROR, as at the wrong port, rejects at once', async () => {
    await using gateway = await startGateway()
    const error = await rejectionOf(connectEdge(gateway.services, { reconnect: quick }))
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', origin: 'gateway' })
  })

  it.each(['UNAUTHENTICATED', 'PERMISSION_DENIED'] as const)('%s ends the link for good when it comes later', async (code) => {
    let attempts = 0
    const authenticate = (): undefined => {
      if (++attempts > 1) throw new FrontierError(code, 'no longer')
    }
    await using gateway = await startGateway({}, { authenticate })
    await using proxy = await delayProxy(gateway.edges, 0)
    const statuses: string[] = []
    const edge = await gateway.edge({ reconnect: quick, onStatus: ({ type }) => statuses.push(type) }, proxy.address)
    proxy.cut('reset')
    expect(await edge.closed).toMatchObject({ code, message: 'no longer', error: { code } })
    expect(attempts).toBe(2)
    expect(statuses.at(-1)).toBe('closed')
    expect(await rejectionOf(edge.call('m'))).toMatchObject({ code: 'UNAVAILABLE', delivered: 'no' })
  })
})

describe('timeoutMs', () => {
  const never = (): Promise<void> => new Promise(() => undefined)

  it('is the default budget of calls and publishes, at both ends', async () => {
    const options = { timeoutMs: 60, methods: { never }, onMessage: never }
    await using three = await trio({ edge: options, service: { ...options, topics: ['t'] } })
    const { edge, service } = three
    const all = [edge.call('never'), edge.publish('t', 'x'), service.call(edge.id, 'never'), service.publish(edge.id, 'x')]
    for (const error of await Promise.all(all.map(rejectionOf))) expect(error).toMatchObject({ code: 'TIMEOUT', delivered: 'maybe', retryable: true })
  })

  it('has no cap: Infinity is none, weeks are weeks', async () => {
    const deadlines: (Date | undefined)[] = []
    const methods = { when: ({ deadline }: { deadline: Date | undefined }) => void deadlines.push(deadline) }
    await using three = await trio({ edge: { timeoutMs: Number.POSITIVE_INFINITY }, service: { methods } })
    const { edge } = three
    await edge.call('when')
    await edge.call('when', '', { timeoutMs: 30 * 86_400_000 })
    await edge.call('when', '', { timeoutMs: 365 * 86_400_000 })
    await edge.call('when', '', { timeoutMs: 5000 })
    expect(deadlines[0]).toBeUndefined()
    expect(Number(deadlines[1]) - Date.now()).toBeGreaterThan(29.9 * 86_400_000)
    // The wire counts up to 49 days.
    if (deadlines[2] !== undefined) expect(Number(deadlines[2]) - Date.now()).toBeGreaterThan(49 * 86_400_000)
    expect(Number(deadlines[3]) - Date.now()).toBeLessThanOrEqual(5000)
    expect(Number(deadlines[3]) - Date.now()).toBeGreaterThan(3000)
  })
})

describe('maxPayloadBytes', () => {
  const echo = { echo: ({ data }: { data: Uint8Array }) => data }

  it('counts key, meta and data, to the byte, and is told before anything is sent', async () => {
    await using three = await trio({ edge: { maxPayloadBytes: 1000 }, service: { methods: echo, topics: ['topic'], onMessage() {} } })
    const { edge } = three
    const fits = new Uint8Array(1000 - 4 - 6)
    expect((await edge.call('echo', fits, { meta: '123456' })).data).toHaveLength(fits.length)
    const error = await rejectionOf(edge.call('echo', fits, { meta: '1234567' }))
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', delivered: 'no', retryable: false })
    await edge.publish('topic', new Uint8Array(995))
    expect((await rejectionOf(edge.publish('topic', new Uint8Array(996)))).code).toBe('PAYLOAD_TOO_LARGE')
  })

  it.each([
    ['the receiver', { service: { maxPayloadBytes: 2048 } }],
    ['the gateway', { config: { exchange: { max_payload_bytes: 2048 } } }],
  ])('the least holds: %s has less', async (_who, options) => {
    await using three = await trio({ ...options, service: { ...('service' in options ? options.service : {}), methods: echo } })
    const { edge } = three
    expect((await edge.call('echo', new Uint8Array(2044))).data).toHaveLength(2044)
    expect(await rejectionOf(edge.call('echo', new Uint8Array(2045)))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', delivered: 'no' })
    expect((await edge.call('echo', 'still')).text()).toBe('still')
  })

  it('holds for answers, too', async () => {
    await using three = await trio({ edge: { maxPayloadBytes: 1024 }, service: { methods: { big: () => new Uint8Array(1025) } } })
    expect((await rejectionOf(three.edge.call('big'))).code).toBe('PAYLOAD_TOO_LARGE')
  })

  it('is 16 MiB by default', async () => {
    await using three = await trio({ service: { methods: echo } })
    const limit = 16 * 1024 * 1024
    expect((await three.edge.call('echo', new Uint8Array(limit - 4))).data).toHaveLength(limit - 4)
    expect((await rejectionOf(three.edge.call('echo', new Uint8Array(limit - 3)))).code).toBe('PAYLOAD_TOO_LARGE')
  })
})

describe('maxInFlight', () => {
  it('lets as many again wait in line, within their time; beyond is BUFFER_FULL', async () => {
    const begun: string[] = []
    const gate = deferred()
    const hold = async (text: string): Promise<void> => {
      begun.push(text)
      await gate.promise
    }
    await using three = await trio({
      edge: { maxInFlight: 2 },
      service: { methods: { hold: (request) => hold(request.text()) }, topics: ['t'], onMessage: (message) => hold(message.text()) },
    })
    const { edge } = three
    const running = [edge.call('hold', 'a'), edge.publish('t', 'b')]
    await eventually('both run', () => begun.length === 2)
    const hurried = rejectionOf(edge.call('hold', 'late', { timeoutMs: 40 }))
    const waiting = edge.call('hold', 'c')
    expect(await rejectionOf(edge.call('hold', 'd'))).toMatchObject({ code: 'BUFFER_FULL', delivered: 'no', origin: 'local', retryable: true })
    expect((await rejectionOf(edge.publish('t', 'd'))).code).toBe('BUFFER_FULL')
    expect(await hurried).toMatchObject({ code: 'TIMEOUT', delivered: 'no' })
    expect(begun.sort()).toEqual(['a', 'b'])
    gate.resolve()
    await Promise.all([...running, waiting])
    expect(begun).toEqual(['a', 'b', 'c'])
  })

  it('of an edge is 4,096', async () => {
    let running = 0
    const gate = deferred()
    const hold = async (): Promise<void> => {
      running++
      await gate.promise
    }
    await using three = await trio({ service: { methods: { hold } } })
    const calls = Array.from({ length: 8192 }, () => three.edge.call('hold'))
    expect((await rejectionOf(three.edge.call('hold'))).code).toBe('BUFFER_FULL')
    await eventually('the first half is there', () => running >= 4096)
    expect(running).toBe(4096)
    gate.resolve()
    await Promise.all(calls)
    expect(running).toBe(8192)
  })

  it('of a service is 1,024 toward one edge, and others do not wait for it', async () => {
    let running = 0
    const gate = deferred()
    const hold = async (): Promise<void> => {
      running++
      await gate.promise
    }
    await using three = await trio({ edge: { methods: { hold } } })
    const { gateway, service, edge } = three
    const other = await gateway.edge({ methods: { quick: () => 'quick' } })
    const calls = Array.from({ length: 1500 }, () => service.call(edge.id, 'hold'))
    await eventually('as many as may be run', () => running >= 1024)
    expect((await service.call(other.id, 'quick')).text()).toBe('quick')
    expect(running).toBe(1024)
    gate.resolve()
    await Promise.all(calls)
    expect(running).toBe(1500)
  })
})
