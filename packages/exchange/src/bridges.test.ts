import { decodeError, encodeFragments, encodeFrame, Flag, FrameType, FrontierError } from '@frontier/wire'
import { describe, expect, it, vi } from 'vitest'
import { World, type TestPeer } from '../test/world.js'
import type { Bridge, BridgeGateway, BridgeMessage, PendingBridgeMessage } from './bridge.js'

/** A bridge that keeps what it gets, and settles it when told to. */
class TestBridge implements Bridge {
  readonly name: string
  readonly topics: readonly string[]
  readonly messages: (BridgeMessage & { settle(error?: Error): void })[] = []
  gateway: BridgeGateway | undefined = undefined
  isClosed = false
  limits: { maxWaiting?: number; maxWaitingBytes?: number } = {}

  constructor(topics: string[], name = 'test') {
    this.topics = topics
    this.name = name
  }

  get told(): string[] {
    return this.messages.map(({ topic, data }) => `${topic}: ${new TextDecoder().decode(data)}`)
  }

  start(gateway: BridgeGateway): void {
    this.gateway = gateway
  }

  publish(message: BridgeMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => (error === undefined ? resolve() : reject(error))
      this.messages.push(Object.assign(Object.create(message), { settle }))
    })
  }

  close(): void {
    this.isClosed = true
  }
}

/** Everything that was queued in microtasks and by the process's own flush queue has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}

async function publish(edge: TestPeer, topic: string, data = 'x', fields: object = {}): Promise<void> {
  edge.send({ type: FrameType.MESSAGE, id: 7, key: topic, data: new TextEncoder().encode(data), ...fields })
  await settled()
}

async function acks(edge: TestPeer): Promise<(string | undefined)[]> {
  await settled()
  return edge.received.filter(({ type }) => type === 'ACK').map(({ bytes, flags }) => ((flags & Flag.ERROR) === 0 ? 'done' : decodeError(bytes, 0, bytes.length).message))
}

describe('a bridge', () => {
  it('gets the messages of its topic with their edge, and its promise is the acknowledgement', async () => {
    const world = new World()
    const bridge = new TestBridge(['temp'])
    const attached = await world.exchange.addBridge(bridge)
    const edge = world.edge({ id: 5n, meta: new TextEncoder().encode('me'), labels: { site: 'a' } })
    await publish(edge, 'temp', '21', { meta: new TextEncoder().encode('m'), budgetMs: 1000 })
    const [message] = bridge.messages
    expect(message).toMatchObject({ topic: 'temp', isAbandoned: false, isUnacked: false })
    expect([message!.edge.edgeId, message!.edge.labels, message!.edge.address]).toEqual([5n, { site: 'a' }, edge.peer.address])
    expect(Buffer.from(message!.edge.meta).toString() + Buffer.from(message!.meta).toString()).toBe('mem')
    expect(message!.deadline - performance.now()).toBeGreaterThan(500)
    expect(await acks(edge)).toEqual([])
    expect(attached.status()).toMatchObject({ state: 'online', waiting: 1, published: 0 })
    message!.settle()
    expect(await acks(edge)).toEqual(['done'])
    expect(attached.status()).toMatchObject({ waiting: 0, waitingBytes: 0, published: 1, refused: 0 })
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('tells the edge of its errors: a FrontierError as it is, all else as BRIDGE_UNAVAILABLE', async () => {
    const world = new World()
    const bridge = new TestBridge(['t'])
    await world.exchange.addBridge(bridge)
    const edge = world.edge()
    for (const error of [new FrontierError('RECORD_NOT_FOUND', 'no such stream'), new Error('boom')]) {
      await publish(edge, 't')
      bridge.messages.at(-1)!.settle(error)
    }
    expect(await acks(edge)).toEqual(['RECORD_NOT_FOUND: no such stream', 'BRIDGE_UNAVAILABLE: boom'])
    bridge.publish = () => {
      throw new Error('at once')
    }
    await publish(edge, 't')
    expect(await acks(edge)).toEqual(['BRIDGE_UNAVAILABLE: at once'])
  })

  it('may settle messages by their own methods: the first time counts, and a throw fails', async () => {
    const world = new World()
    const taken: PendingBridgeMessage[] = []
    const bridge = Object.assign(new TestBridge(['t']), { take: (message: PendingBridgeMessage) => void taken.push(message) })
    const attached = await world.exchange.addBridge(bridge)
    const edge = world.edge()
    await publish(edge, 't', 'first', { id: 1 })
    await publish(edge, 't', 'second', { id: 2 })
    expect(bridge.told).toEqual([])
    expect(taken.map(({ data }) => new TextDecoder().decode(data))).toEqual(['first', 'second'])
    taken[1]!.fail(new FrontierError('RECORD_NOT_FOUND', 'no such stream'))
    taken[0]!.done()
    for (const message of taken) message.done()
    taken[0]!.fail(new Error('too late'))
    expect(await acks(edge)).toEqual(['RECORD_NOT_FOUND: no such stream', 'done'])
    bridge.take = () => {
      throw new Error('at once')
    }
    await publish(edge, 't', 'third', { id: 3 })
    expect(await acks(edge)).toContain('BRIDGE_UNAVAILABLE: at once')
    expect(attached.status()).toMatchObject({ published: 1, refused: 2, waiting: 0, waitingBytes: 0 })
  })

  it('is part of the gateway: its errors are told as the gateway\'s', async () => {
    const world = new World()
    const bridge = new TestBridge(['t'])
    await world.exchange.addBridge(bridge)
    const edge = world.edge()
    await publish(edge, 't')
    bridge.messages[0]!.settle(new Error('x'))
    await settled()
    expect(edge.refusal).toMatchObject({ origin: 'gateway', retryable: true, delivered: 'maybe' })
  })

  it('takes a topic by name before the longest pattern before *, as do services', async () => {
    const world = new World()
    const [exact, long, short, rest] = [['a.b.c'], ['a.b.*'], ['a.>'], ['*']].map((topics, at) => new TestBridge(topics, `bridge ${at}`)) as [TestBridge, TestBridge, TestBridge, TestBridge]
    for (const bridge of [rest, short, long, exact]) await world.exchange.addBridge(bridge)
    const edge = world.edge()
    for (const topic of ['a.b.c', 'a.b.d', 'a.x', 'b']) await publish(edge, topic)
    expect([exact, long, short, rest].map(({ told }) => told)).toEqual([['a.b.c: x'], ['a.b.d: x'], ['a.x: x'], ['b: x']])
    const service = world.service('s', [], ['a.x', 'a.>'])
    await publish(edge, 'a.x')
    expect(service.only.key).toBe('a.x')
    await publish(edge, 'a.>')
    expect(service.only.key).toBe('a.>')
  })

  it('shares a topic with services and other bridges by the hash of the edge, always the same one', async () => {
    const world = new World()
    const bridges = [new TestBridge(['t'], 'one'), new TestBridge(['t'], 'two')]
    for (const bridge of bridges) await world.exchange.addBridge(bridge)
    const service = world.service('s', [], ['t'])
    const edges = Array.from({ length: 60 }, () => world.edge())
    for (const edge of edges) await publish(edge, 't', String(edge.peer.id))
    const first = bridges.map(({ told }) => [...told])
    const ofService = service.received.length
    expect(Math.min(first[0]!.length, first[1]!.length, ofService)).toBeGreaterThan(8)
    expect(first[0]!.length + first[1]!.length + ofService).toBe(60)
    for (const edge of edges) await publish(edge, 't', String(edge.peer.id))
    expect(bridges.map(({ told }) => told.slice(told.length / 2))).toEqual(first)
  })

  it('gets messages in their order, large ones put together', async () => {
    const world = new World()
    const bridge = new TestBridge(['t'])
    const attached = await world.exchange.addBridge(bridge)
    const edge = world.edge()
    const data = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251)
    const frames = encodeFragments({ type: FrameType.MESSAGE, id: 9, key: 't', data }, 32_768)
    expect(frames.length).toBeGreaterThan(2)
    for (const frame of frames) {
      edge.send(frame)
      await settled()
    }
    const progress = edge.received.filter(({ type }) => type === 'PROGRESS')
    expect(progress.length).toBe(frames.length - 1)
    expect(new DataView(progress[0]!.bytes.buffer, progress[0]!.bytes.byteOffset).getUint32(24)).toBe(frames[0]!.length - 24)
    expect(Buffer.compare(bridge.messages[0]!.data, data)).toBe(0)
    bridge.messages[0]!.settle()
    expect(await acks(edge)).toEqual(['done'])
    expect(attached.status()).toMatchObject({ waiting: 0, waitingBytes: 0 })
  })

  it('hears that the edge gave up or went, and holds nothing for a body that never ends', async () => {
    const world = new World()
    const bridge = new TestBridge(['t'])
    const attached = await world.exchange.addBridge(bridge)
    const edge = world.edge()
    await publish(edge, 't')
    edge.send({ type: FrameType.CANCEL, id: 7 })
    await settled()
    expect(bridge.messages[0]!.isAbandoned).toBe(true)
    // The bridge has it still; its place among the unanswered is free.
    expect([attached.status().waiting, world.exchange.pendingCount]).toEqual([1, 0])
    bridge.messages[0]!.settle()
    expect(await acks(edge)).toEqual([])
    edge.send(encodeFragments({ type: FrameType.MESSAGE, id: 8, key: 't', data: new Uint8Array(70_000) }, 32_768)[0]!)
    await settled()
    expect(attached.status().waitingBytes).toBeGreaterThan(30_000)
    edge.leave()
    await settled()
    expect(attached.status()).toMatchObject({ waiting: 0, waitingBytes: 0 })
    expect(world.exchange.pendingCount).toBe(0)
  })

  it('is not asked for an answer to what was published at most once', async () => {
    const world = new World()
    const bridge = new TestBridge(['t'])
    await world.exchange.addBridge(bridge)
    const edge = world.edge()
    await publish(edge, 't', 'x', { flags: Flag.NO_ACK })
    expect(bridge.messages[0]!.isUnacked).toBe(true)
    bridge.messages[0]!.settle(new Error('nobody hears'))
    expect(await acks(edge)).toEqual([])
  })

  it('holds so much and no more', async () => {
    const world = new World()
    const bridge = new TestBridge(['t'])
    bridge.limits = { maxWaiting: 3, maxWaitingBytes: 80_000 }
    const attached = await world.exchange.addBridge(bridge)
    for (let i = 0; i < 3; i++) await publish(world.edge(), 't')
    const late = world.edge()
    await publish(late, 't')
    expect(await acks(late)).toEqual([expect.stringContaining('BUFFER_FULL')])
    expect(attached.status()).toMatchObject({ waiting: 3, refused: 1 })
    for (const message of bridge.messages) message.settle()
    await settled()
    expect(attached.status()).toMatchObject({ waiting: 0, waitingBytes: 0, published: 3 })
    await publish(late, 't')
    expect(bridge.messages.length).toBe(4)
  })

  it.each([
    ['messages', { maxWaiting: 16 }, 2],
    ['bytes', { maxWaitingBytes: 80_000 }, 9],
  ])('gives one edge an eighth of its %s, or one message, with and without acknowledgement', async (_, limits, most) => {
    for (const flags of [0, Flag.NO_ACK]) {
      const world = new World()
      const bridge = new TestBridge(['t'])
      bridge.limits = limits
      const attached = await world.exchange.addBridge(bridge)
      const [greedy, large, other] = [world.edge(), world.edge(), world.edge()]
      for (let id = 1; id <= 20; id++) await publish(greedy, 't', 'x', { id, flags })
      expect(attached.status()).toMatchObject({ waiting: most, refused: 20 - most })
      await publish(large, 't', 'x'.repeat(20_000), { flags })
      await publish(other, 't', 'x', { flags })
      expect(attached.status()).toMatchObject({ waiting: most + 2, refused: 20 - most })
      bridge.messages[0]!.settle()
      await settled()
      await publish(greedy, 't', 'again', { flags })
      expect(bridge.told.at(-1)).toBe('t: again')
    }
  })

  it('may hold more than a service may have unanswered', async () => {
    const world = new World({ limits: { service: { maxOwed: 2 } } })
    const bridge = new TestBridge(['t'])
    await world.exchange.addBridge(bridge)
    for (let i = 0; i < 5; i++) await publish(world.edge(), 't')
    expect(bridge.messages.length).toBe(5)
  })

  it('gets nothing once it is asked to close, not even what was on its way', async () => {
    const world = new World()
    let release: (() => void) | undefined
    const bridge = Object.assign(new TestBridge(['t']), { close: () => new Promise<void>((resolve) => (release = resolve)) })
    const attached = await world.exchange.addBridge(bridge)
    const edge = world.edge()
    const frames = encodeFragments({ type: FrameType.MESSAGE, id: 9, key: 't', data: new Uint8Array(50_000) }, 32_768)
    edge.send(frames[0]!)
    await settled()
    edge.send({ type: FrameType.MESSAGE, id: 8, key: 't' })
    const removed = attached.remove()
    edge.send(frames[1]!)
    expect(await acks(edge)).toEqual(['BRIDGE_UNAVAILABLE: the bridge is being removed', 'BRIDGE_UNAVAILABLE: the bridge is being removed'])
    release!()
    await removed
    expect([bridge.messages, world.exchange.pendingCount]).toEqual([[], 0])
  })

  it('that throws when it is asked how it is keeps nobody from the others', async () => {
    const world = new World()
    const bridge = Object.assign(new TestBridge(['t']), {
      status() {
        throw new Error('no idea')
      },
    })
    await world.exchange.addBridge(bridge)
    expect(world.exchange.bridges.list().map((each) => each.status())).toMatchObject([{ waiting: 0, lastError: { reason: expect.stringContaining('no idea') } }])
  })

  it('does not come, and is closed, when the gateway has gone while it started', async () => {
    const world = new World()
    let started: (() => void) | undefined
    const bridge = Object.assign(new TestBridge(['t']), { start: () => new Promise<void>((resolve) => (started = resolve)) })
    const added = world.exchange.addBridge(bridge)
    await world.exchange.bridges.close()
    started!()
    await expect(added).rejects.toMatchObject({ code: 'DRAINING' })
    expect([bridge.isClosed, world.exchange.bridges.list()]).toEqual([true, []])
    await expect(world.exchange.addBridge(new TestBridge(['t']))).rejects.toMatchObject({ code: 'DRAINING' })
  })

  it('can be removed: its topics are free, what it still had fails, and the gateway forgets it', async () => {
    const world = new World()
    const bridge = new TestBridge(['t', 'a.>'])
    const attached = await world.exchange.addBridge(bridge)
    const edge = world.edge()
    await publish(edge, 't')
    await attached.remove()
    await attached.remove()
    expect(bridge.isClosed).toBe(true)
    expect(await acks(edge)).toEqual([expect.stringContaining('BRIDGE_UNAVAILABLE')])
    await publish(edge, 't')
    await publish(edge, 'a.b')
    expect(await acks(edge)).toEqual([expect.stringContaining('TOPIC_NOT_ONLINE'), expect.stringContaining('TOPIC_NOT_ONLINE')])
    expect([world.exchange.bridges.list(), world.exchange.pendingCount, world.offline]).toEqual([[], 0, []])
    expect(attached.status().state).toBe('closed')
    bridge.messages[0]!.settle()
    await settled()
    await world.exchange.addBridge(new TestBridge(['t']))
  })

  it('is told of edges and reaches them', async () => {
    const world = new World()
    const bridge = new TestBridge([])
    await world.exchange.addBridge(bridge)
    const gateway = bridge.gateway!
    const edge = world.edge({ id: 9n, labels: { site: 'a', floor: '1' }, methods: ['m'] })
    world.edge({ labels: { site: 'b' } })
    expect([gateway.isOnline(9n), gateway.isOnline(99n), gateway.edgesWith({ site: 'a' }), gateway.edgesWith({ site: 'a', floor: '2' })]).toEqual([true, false, [9n], []])
    const published = gateway.publish(9n, 'news', { data: new TextEncoder().encode('hi'), timeoutMs: 1000 })
    const { id, key, data } = edge.only
    expect([key, data]).toEqual(['news', 'hi'])
    edge.send({ type: FrameType.ACK, id })
    await published
    await expect(gateway.publish(99n, 'news', { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'EDGE_NOT_ONLINE' })
  })

  it('whose start fails is not added, and is closed', async () => {
    const world = new World()
    const bridge = new TestBridge(['t'])
    Object.assign(bridge, { start: () => Promise.reject(new Error('no broker')) })
    await expect(world.exchange.addBridge(bridge)).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    expect([bridge.isClosed, world.exchange.bridges.list()]).toEqual([true, []])
    await world.exchange.addBridge(new TestBridge(['t']))
  })

  it.each([
    ['no name', new TestBridge(['t'], '')],
    ['a topic without a name', new TestBridge([''])],
    ['a topic of 1,025 bytes', new TestBridge(['x'.repeat(1025)])],
    ['a bad pattern', new TestBridge(['a.>.b'])],
    ['no room', Object.assign(new TestBridge(['t']), { limits: { maxWaiting: 0 } })],
  ])('with %s is INVALID_ARGUMENT', async (_, bridge) => {
    await expect(new World().exchange.addBridge(bridge)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('of a name that is taken is INVALID_ARGUMENT, also while the other one starts', async () => {
    const { exchange } = new World()
    const first = exchange.addBridge(new TestBridge(['t']))
    await expect(exchange.addBridge(new TestBridge(['t']))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await first
    expect(exchange.bridges.get('test')?.topics).toEqual(['t'])
  })

  it('is never taken for a service', async () => {
    const world = new World()
    await world.exchange.addBridge(new TestBridge(['t'], 'echo'))
    const edge = world.edge()
    edge.send(encodeFrame({ type: FrameType.OPEN, id: 1, key: 'echo' }))
    await vi.waitFor(() => expect(edge.refusal.code).toBe('SERVICE_NOT_ONLINE'))
    expect([...world.exchange.services.values()]).toEqual([])
  })
})
