import { Exchange } from '@frontier/exchange'
import type { AttachedBridge, BridgeEdge, BridgeGateway, BridgeMessage } from '@frontier/exchange'
import { FrontierError } from '@frontier/wire'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { BridgeOptions } from './bridge-options.js'
import { createBrokerBridge, type BrokerBridge } from './broker-bridge.js'
import type { BrokerDriver } from './broker-driver.js'
import { MemoryBroker, memoryBridge, memoryDriver } from './memory-broker.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (data: Uint8Array): string => new TextDecoder().decode(data)
const edge: BridgeEdge = { edgeId: 7n, meta: bytes('me'), labels: { site: 'a' }, address: '10.0.0.7:5000' }

function message(data: string, fields: Partial<BridgeMessage> = {}): BridgeMessage {
  return { topic: 't', edge, meta: bytes('m'), data: bytes(data), deadline: performance.now() + 10_000, isAbandoned: false, isUnacked: false, ...fields }
}

/** A gateway whose edges do what the test says. */
class TestGateway implements BridgeGateway {
  readonly published: string[] = []
  onPublish: (edgeId: bigint, data: string) => Promise<void> = () => Promise.resolve()
  online: readonly bigint[] = [7n, 8n]

  isOnline(edgeId: bigint): boolean {
    return this.online.includes(edgeId)
  }

  edgesWith(): bigint[] {
    return [...this.online]
  }

  async publish(edgeId: bigint, topic: string, { data, meta }: { data?: Uint8Array; meta?: Uint8Array }): Promise<void> {
    this.published.push(`${edgeId} ${topic} ${text(data!)}${meta === undefined ? '' : ` (${text(meta)})`}`)
    await this.onPublish(edgeId, text(data!))
  }

  call(): Promise<never> {
    return Promise.reject(new Error('not here'))
  }
}

const open: BrokerBridge[] = []

afterEach(async () => {
  for (const bridge of open.splice(0)) await bridge.close()
})

async function start(broker: MemoryBroker, options: BridgeOptions = {}, driver: BrokerDriver = memoryDriver(broker)): Promise<{ bridge: BrokerBridge; gateway: TestGateway }> {
  const bridge = createBrokerBridge(driver, { topics: ['*'], maxReconnectDelayMs: 20, ...options })
  open.push(bridge)
  const gateway = new TestGateway()
  await bridge.start(gateway)
  return { bridge, gateway }
}

describe('publishing', () => {
  it('carries data, key, meta and whose it is', async () => {
    const broker = new MemoryBroker()
    const { bridge } = await start(broker)
    await bridge.publish(message('hi'))
    const [sent] = broker.messages
    expect(sent).toMatchObject({ target: 't', key: '7', data: bytes('hi'), headers: { 'frontier-edge-id': '7', 'frontier-topic': 't', 'frontier-edge-meta': bytes('me'), 'frontier-meta': bytes('m') } })
    await bridge.publish(message('ho', { meta: new Uint8Array(), edge: { ...edge, meta: new Uint8Array() } }))
    expect(Object.keys(broker.messages[1]!.headers)).toEqual(['frontier-edge-id', 'frontier-topic'])
    expect(broker.messages[1]!.id).not.toBe(sent!.id)
  })

  it('waits for a broker that is away, and goes on in order: once each', async () => {
    const broker = new (class extends MemoryBroker {
      override take(...sent: Parameters<MemoryBroker['take']>): void {
        super.take(...sent)
        if (this.messages.length === 1500) setImmediate(() => this.goDown())
      }
    })()
    const { bridge } = await start(broker)
    const all = Array.from({ length: 3000 }, (_, i) => bridge.publish(message(String(i))))
    await vi.waitFor(() => expect(bridge.status().state).toBe('offline'))
    await vi.waitFor(() => expect(bridge.status().lastError?.code).toBe('BRIDGE_UNAVAILABLE'))
    broker.comeBack()
    await Promise.all(all)
    expect(broker.messages.map(({ data }) => text(data))).toEqual(all.map((_, i) => String(i)))
    expect(bridge.status()).toMatchObject({ state: 'online', reconnects: 1 })
  })

  it('starts without a broker, unless it is required', async () => {
    const broker = new MemoryBroker()
    broker.goDown()
    const { bridge } = await start(broker)
    const waits = bridge.publish(message('hi'))
    await expect(start(broker, { required: true })).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    broker.comeBack()
    await waits
    await start(broker, { required: true })
  })

  it('fails within the time of its edge, and says so', async () => {
    const broker = new MemoryBroker()
    broker.goDown()
    const { bridge } = await start(broker)
    await expect(bridge.publish(message('hi', { deadline: performance.now() + 300 }))).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE', delivered: 'no', retryable: true })
    broker.comeBack()
    await bridge.publish(message('ho'))
    expect(broker.messages.map(({ data }) => text(data))).toEqual(['ho'])
  })

  it('tells the edge of what is wrong with its message, and nobody else', async () => {
    const broker = new MemoryBroker({ maxMessageBytes: 10 })
    const { bridge } = await start(broker, { mappings: [{ topic: 'bad', to: '{label.none}' }] })
    const results = await Promise.allSettled([message('ok'), message('x'.repeat(11)), message('x', { topic: 'y'.repeat(300) }), message('x', { topic: 'bad' }), message('ok too')].map((each) => bridge.publish(each)))
    expect(results.map((result) => (result.status === 'fulfilled' ? 'done' : (result.reason as FrontierError).code))).toEqual(['done', 'PAYLOAD_TOO_LARGE', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'done'])
  })

  it('fails at once, with the reason, while the broker does not let us in; it is asked again and again', async () => {
    const broker = new MemoryBroker()
    let isLetIn = false
    let attempts = 0
    const driver = memoryDriver(broker)
    const { bridge } = await start(broker, {}, {
      ...driver,
      open(events, signal) {
        attempts++
        return isLetIn ? driver.open(events, signal) : Promise.reject(new FrontierError('UNAUTHENTICATED', 'wrong password'))
      },
    })
    await expect(bridge.publish(message('hi'))).rejects.toThrow(/BRIDGE_UNAVAILABLE.*wrong password/)
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(3))
    expect(bridge.status()).toMatchObject({ state: 'offline', lastError: { code: 'UNAUTHENTICATED', reason: 'wrong password' } })
    isLetIn = true
    await vi.waitFor(() => expect(bridge.status().state).toBe('online'))
    await bridge.publish(message('hi'))
  })

  it('gives up an attempt to connect that takes too long, and a broker that is silent', async () => {
    const broker = new MemoryBroker()
    const driver = memoryDriver(broker)
    let attempts = 0
    let closed = 0
    const { bridge } = await start(broker, { connectTimeoutMs: 30, ackTimeoutMs: 50 }, {
      ...driver,
      async open(events, signal) {
        attempts++
        if (attempts === 1) return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gave up'))))
        if (attempts > 2) return driver.open(events, signal)
        return { send: () => undefined, close: () => Promise.resolve().then(() => { closed++ }) }
      },
    })
    await bridge.publish(message('hi'))
    expect([attempts, closed]).toEqual([3, 1])
  })

  it('fails what comes after its close, and leaves no timer behind', async () => {
    const { bridge } = await start(new MemoryBroker(), { required: true })
    await bridge.close()
    await expect(bridge.publish(message('late', { deadline: Infinity }))).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE', delivered: 'no' })
  })

  it('sends what waits when it is closed, and fails the rest', async () => {
    const broker = new MemoryBroker()
    const { bridge } = await start(broker)
    const all = Array.from({ length: 5000 }, (_, i) => bridge.publish(message(String(i))))
    await bridge.close()
    await Promise.all(all)
    expect(broker.messages).toHaveLength(5000)
    broker.goDown()
    const { bridge: other } = await start(broker)
    const waits = other.publish(message('x'))
    await Promise.all([expect(waits).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE', delivered: 'no' }), other.close()])
  })
})

describe('a client library that does not do what it should', () => {
  it('is not waited for when it does not hear that it is to give up, and what it makes then is closed', async () => {
    const broker = new MemoryBroker()
    const driver = memoryDriver(broker)
    let attempts = 0
    let tooLate: (() => void) | undefined
    const close = vi.fn(() => Promise.reject(new Error('not even that')))
    const { bridge } = await start(broker, { connectTimeoutMs: 20 }, {
      ...driver,
      open(events, signal) {
        if (++attempts > 1) return driver.open(events, signal)
        return new Promise((resolve) => (tooLate = () => resolve({ send: () => undefined, close })))
      },
    })
    await bridge.publish(message('hi'))
    tooLate!()
    await vi.waitFor(() => expect(close).toHaveBeenCalledOnce())
  })

  it('is not waited for when its connection goes while it begins to consume', async () => {
    const broker = new MemoryBroker()
    const driver = memoryDriver(broker)
    let sessions = 0
    const { bridge } = await start(broker, { consume: [{ from: 'in' }] }, {
      ...driver,
      async open(events, signal) {
        const session = await driver.open(events, signal)
        if (++sessions === 1) session.consume = () => (events.onLost(new FrontierError('BRIDGE_UNAVAILABLE', 'gone')), new Promise(() => undefined))
        return session
      },
    })
    await bridge.publish(message('hi'))
    expect(bridge.status()).toMatchObject({ state: 'online', reconnects: 1 })
  })

  it('is not waited for when it closes for ever', async () => {
    const broker = new MemoryBroker()
    const driver = memoryDriver(broker)
    const { bridge } = await start(broker, { closeTimeoutMs: 20, required: true }, {
      ...driver,
      async open(events, signal) {
        const session = await driver.open(events, signal)
        session.close = () => new Promise(() => undefined)
        return session
      },
    })
    await bridge.close()
    expect(bridge.status().state).toBe('closed')
  })
})

describe('the log', () => {
  it('has the same trouble once, until there was a connection', async () => {
    const broker = new MemoryBroker()
    const driver = memoryDriver(broker)
    const said: string[] = []
    const logger = { info: (_: object, text: string) => void said.push(text), warn: ({ code }: { code?: string }, text: string) => void said.push(`${code} ${text}`), error: () => undefined }
    let attempts = 0
    const flaky: BrokerDriver = { ...driver, open: (events, signal) => (attempts++, driver.open(events, signal)) }
    broker.goDown()
    const { bridge } = await start(broker, { logger, maxReconnectDelayMs: 1 }, flaky)
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(5))
    expect(said).toEqual(['BRIDGE_UNAVAILABLE the broker cannot be reached'])
    broker.comeBack()
    await bridge.publish(message('hi'))
    broker.goDown()
    const before = attempts
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(before + 5))
    expect(said.slice(1)).toEqual(['connected to the broker', 'BRIDGE_UNAVAILABLE the connection to the broker is gone', 'BRIDGE_UNAVAILABLE the broker cannot be reached'])
  })
})

it('does not start with a driver that is not prepared, required or not', async () => {
  const broker = new MemoryBroker()
  const prepare = () => Promise.reject(new FrontierError('INVALID_ARGUMENT', 'it needs a package'))
  await expect(start(broker, {}, { ...memoryDriver(broker), prepare })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

describe('consuming', () => {
  const feed = (broker: MemoryBroker, data: string, fields: object = {}): void => {
    broker.take({ target: 'in', key: '7', partition: undefined, headers: { 'frontier-edge-id': '8' }, data: bytes(data), id: `${data} ${Math.random()}`, ...fields })
  }

  it('delivers to the edge of the header, of the key, or of the labels', async () => {
    const broker = new MemoryBroker()
    const consume = [{ from: 'in' }, { from: 'in', group: 'b', to: { key: true as const }, topic: 'from.{source}' }, { from: 'in', group: 'c', to: { labels: { site: 'a' } }, topic: 'all' }]
    const { bridge, gateway } = await start(broker, { topics: [], consume, required: true })
    feed(broker, 'x', { headers: { 'frontier-edge-id': bytes('8'), 'frontier-meta': 'm' } })
    await vi.waitFor(() => expect(bridge.status().delivered).toBe(3))
    expect(gateway.published.sort()).toEqual(['7 all x (m)', '7 from.in x (m)', '8 all x (m)', '8 in x (m)'])
  })

  it('goes to one edge in order, one after another, and to others side by side', async () => {
    const broker = new MemoryBroker()
    const { gateway } = await start(broker, { topics: [], consume: [{ from: 'in', to: { key: true } }], required: true })
    const releases: (() => void)[] = []
    gateway.onPublish = (edgeId) => (edgeId === 7n ? new Promise((resolve) => releases.push(resolve)) : Promise.resolve())
    feed(broker, '1')
    feed(broker, '2')
    feed(broker, '3', { key: '8' })
    await vi.waitFor(() => expect(gateway.published).toEqual(['7 in 1', '8 in 3']))
    releases[0]!()
    await vi.waitFor(() => expect(gateway.published).toEqual(['7 in 1', '8 in 3', '7 in 2']))
    releases[1]!()
  })

  it('takes to the dead letters what cannot be delivered, with the reason, and acknowledges it', async () => {
    const broker = new MemoryBroker()
    const { bridge, gateway } = await start(broker, { topics: [], consume: [{ from: 'in', deadLetter: 'dead' }], required: true })
    gateway.onPublish = () => Promise.reject(new FrontierError('EDGE_NOT_ONLINE', 'edge 8 is not online'))
    feed(broker, 'x', { headers: { 'frontier-edge-id': '8', own: 'kept' } })
    feed(broker, 'y', { headers: {} })
    await vi.waitFor(() => expect(bridge.status().deadLettered).toBe(2))
    const dead = broker.messages.filter(({ target }) => target === 'dead').map(({ headers, data, key }) => ({ data: text(data), key, ...headers }))
    expect(dead).toEqual([
      { data: 'y', key: '7', 'frontier-error': 'INVALID_ARGUMENT', 'frontier-error-reason': expect.stringContaining('no edge id'), 'frontier-error-source': 'in' },
      { data: 'x', key: '7', 'frontier-edge-id': '8', own: 'kept', 'frontier-error': 'EDGE_NOT_ONLINE', 'frontier-error-reason': 'edge 8 is not online', 'frontier-error-source': 'in' },
    ].sort((a, b) => dead.findIndex(({ data }) => data === a.data) - dead.findIndex(({ data }) => data === b.data)))
  })

  it('tries an edge that is behind again, and gives back what it has when it closes', async () => {
    const broker = new MemoryBroker()
    const { bridge, gateway } = await start(broker, { topics: [], consume: [{ from: 'in' }], required: true })
    let tries = 0
    gateway.onPublish = () => (++tries < 3 ? Promise.reject(new FrontierError('BUFFER_FULL', 'behind')) : Promise.resolve())
    feed(broker, 'x')
    await vi.waitFor(() => expect(bridge.status().delivered).toBe(1))
    gateway.onPublish = () => Promise.reject(new FrontierError('DRAINING', 'the gateway is going away'))
    feed(broker, 'y')
    await vi.waitFor(() => expect(gateway.published.filter((each) => each.endsWith('y')).length).toBeGreaterThan(1))
    await bridge.close()
    const { gateway: next } = await start(broker, { topics: [], consume: [{ from: 'in' }] })
    await vi.waitFor(() => expect(next.published).toEqual(['8 in y']))
  })

  it('closes also while a dead letter waits for a broker that is away, and gives the message back', async () => {
    const broker = new MemoryBroker()
    const { bridge, gateway } = await start(broker, { consume: [{ from: 'in', deadLetter: 'dead' }], closeTimeoutMs: 20, required: true })
    gateway.onPublish = () => {
      broker.goDown()
      return Promise.reject(new FrontierError('EDGE_NOT_ONLINE', 'edge 8 is not online'))
    }
    feed(broker, 'x')
    await expect(bridge.publish(message('y', { deadline: performance.now() + 100 }))).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    await bridge.close()
    broker.comeBack()
    const { gateway: next } = await start(broker, { topics: [], consume: [{ from: 'in' }] })
    await vi.waitFor(() => expect(next.published).toEqual(['8 in x']))
  })

  it('gives back in order what it had when it closes', async () => {
    const broker = new MemoryBroker()
    const { bridge, gateway } = await start(broker, { topics: [], consume: [{ from: 'in' }], required: true })
    gateway.onPublish = () => Promise.reject(new FrontierError('BUFFER_FULL', 'behind'))
    for (const data of ['1', '2', '3', '4']) feed(broker, data)
    await vi.waitFor(() => expect(gateway.published.length).toBeGreaterThan(1))
    await bridge.close()
    const { gateway: next } = await start(broker, { topics: [], consume: [{ from: 'in' }] })
    await vi.waitFor(() => expect(next.published).toEqual(['8 in 1', '8 in 2', '8 in 3', '8 in 4']))
  })

  describe('from what is not there', () => {
    const missing = new FrontierError('RECORD_NOT_FOUND', 'there is no such topic')
    const opened = (broker: MemoryBroker, isThere: (session: number) => boolean): BrokerDriver => {
      const driver = memoryDriver(broker)
      let sessions = 0
      return {
        ...driver,
        async open(events, signal) {
          const session = await driver.open(events, signal)
          const number = ++sessions
          const consume = session.consume!.bind(session)
          session.consume = (options) => (options.from === 'in' && !isThere(number) ? Promise.reject(missing) : consume(options))
          return session
        },
      }
    }

    it('goes on trying, and neither publishing nor what else is consumed notices', async () => {
      const broker = new MemoryBroker()
      let isThere = false
      const { bridge, gateway } = await start(broker, { topics: ['a'], consume: [{ from: 'in' }, { from: 'other' }] }, opened(broker, () => isThere))
      await vi.waitFor(() => expect(bridge.status()).toMatchObject({ state: 'online', reconnects: 0, lastError: { code: 'RECORD_NOT_FOUND' } }))
      feed(broker, '1', { target: 'other' })
      await bridge.publish(message('hi'))
      await vi.waitFor(() => expect(gateway.published).toEqual(['8 other 1']))
      isThere = true
      await vi.waitFor(() => {
        feed(broker, '2')
        expect(gateway.published).toContain('8 in 2')
      })
      expect(bridge.status()).toMatchObject({ state: 'online', reconnects: 0 })
    })

    it('ends with its session, and begins anew with the next', async () => {
      const broker = new MemoryBroker()
      let triesOfFirst = 0
      const isThere = (session: number): boolean => session > 1 || triesOfFirst++ < 0
      const { bridge, gateway } = await start(broker, { topics: ['a'], consume: [{ from: 'in' }] }, opened(broker, isThere))
      await vi.waitFor(() => expect(triesOfFirst).toBeGreaterThan(1))
      const tries = triesOfFirst
      broker.goDown()
      broker.comeBack()
      await vi.waitFor(() => {
        feed(broker, '1')
        expect(gateway.published.length).toBeGreaterThan(5)
      })
      expect(bridge.status().reconnects).toBe(1)
      expect(triesOfFirst).toBe(tries)
    })

    it('fails the start when that is asked for', async () => {
      const broker = new MemoryBroker()
      await expect(start(broker, { consume: [{ from: 'in' }], required: true }, opened(broker, () => false))).rejects.toBe(missing)
    })
  })

  it('is INVALID_ARGUMENT with a driver that cannot', async () => {
    const broker = new MemoryBroker()
    const driver = memoryDriver(broker)
    const open: BrokerDriver['open'] = async (events, signal) => ({ send: () => undefined, close: (ms) => driver.open(events, signal).then((session) => session.close(ms)) })
    await expect(start(broker, { consume: [{ from: 'in' }], required: true }, { ...driver, open })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

it('works in an exchange', async () => {
  const exchange = new Exchange()
  const broker = new MemoryBroker()
  const attached: AttachedBridge = await exchange.addBridge(memoryBridge(broker, { topics: ['a.>'] }))
  expect(exchange.bridges.list()).toEqual([attached])
  await vi.waitFor(() => expect(attached.status()).toMatchObject({ state: 'online', published: 0, waiting: 0 }))
  await exchange.bridges.close()
  exchange.close()
})

it.each([
  [{}, 'neither'],
  [{ topics: ['t'], maxWaiting: 0 }, 'maxWaiting'],
  [{ topics: ['t'], connectTimeoutMs: 1.5 }, 'connectTimeoutMs'],
  [{ topics: ['t'], mappings: [{ topic: 'a', to: '{x}' }] }, '{x}'],
  [{ consume: [{ from: '' }] }, 'consume.from'],
  [{ consume: [{ from: 'a', to: { labels: {} } }] }, 'labels'],
  [{ consume: [{ from: 'a', maxUnsettled: 0 }] }, 'maxUnsettled'],
])('refuses the options %j', (options, told) => {
  expect(() => memoryBridge(new MemoryBroker(), options)).toThrow(told)
})
