// What every bridge has to show against its real broker, from edges through a gateway. Above 200 lines: one suite, run by all.
import type { Edge, FrontierError } from '@frontier/edge'
import type { BridgeOptions, InboundTarget } from '@frontier/mq'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { codeOf } from '../support/code-of.js'
import { startGateway, type TestGateway } from '../support/test-gateway.js'
import type { BridgeSubject, BrokerUnderTest } from './bridge-subject.js'

const EDGES = 20
const PUBLISHES = 20_000
/** Publishes of one edge that are on their way at once. */
const WINDOW = 64
const PATIENT_MS = 60_000

interface Outcome {
  readonly data: string
  readonly error: FrontierError | undefined
}

/** Runs the suite on `subject`; skipped, and counted as such, where its broker cannot be had. */
export function describeBridge(subject: BridgeSubject): void {
  const title = subject.missing === undefined ? `the bridge to ${subject.name}` : `the bridge to ${subject.name} (not here: ${subject.missing})`
  describe.skipIf(subject.missing !== undefined)(title, { timeout: 120_000 }, () => {
    let broker: BrokerUnderTest
    let words = 0

    beforeAll(async () => {
      broker = await subject.start()
    }, 120_000)

    afterAll(async () => {
      await broker[Symbol.asyncDispose]()
      await broker.process.stop()
    }, 60_000)

    /** Names that no other test has. */
    const fresh = (): string => subject.target(`t${++words}x${process.pid}`)

    async function gatewayWith(options: BridgeOptions): Promise<TestGateway> {
      const gateway = await startGateway()
      await gateway.frontier.exchange.addBridge(broker.bridge({ required: true, maxReconnectDelayMs: 500, ...options }))
      return gateway
    }

    const statusOf = (gateway: TestGateway) => gateway.frontier.exchange.bridges.list()[0]!.status()

    it('publishes, and its own client reads it back with headers and key', async () => {
      const topic = fresh()
      const reader = await broker.reader(topic)
      await using gateway = await gatewayWith({ topics: [topic] })
      const edge = await gateway.edge({ meta: 'edge-meta', labels: { site: 'a' } })
      await edge.publish(topic, 'hällo', { meta: 'some meta' })
      await until(() => expect(reader.messages).toHaveLength(1))
      const [message] = reader.messages
      expect(message!.data).toBe('hällo')
      if (subject.hasKey) expect(message!.key).toBe(edge.id.toString())
      if (subject.hasHeaders) {
        expect(message!.headers).toMatchObject({ 'frontier-edge-id': edge.id.toString(), 'frontier-topic': topic, 'frontier-edge-meta': 'edge-meta', 'frontier-meta': 'some meta' })
      }
      expect(statusOf(gateway)).toMatchObject({ state: 'online', published: 1, refused: 0, waiting: 0 })
    })

    it('keeps the order of each edge', async () => {
      const topic = fresh()
      const reader = await broker.reader(topic)
      await using gateway = await gatewayWith({ topics: [topic] })
      const edges = await Promise.all(Array.from({ length: EDGES }, () => gateway.edge()))
      const outcomes = await publishAll(edges, topic, 100)
      expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([])
      await until(() => expect(reader.messages).toHaveLength(EDGES * 100))
      expect(disorder(reader.messages.map(({ data }) => data))).toEqual([])
    })

    it('takes with * what nobody else claims', async () => {
      const [claimed, rest] = [fresh(), fresh()]
      const readers = [await broker.reader(claimed), await broker.reader(rest)]
      await using gateway = await gatewayWith({ topics: ['*'] })
      const service = await gateway.service({ topics: [claimed] })
      const heard: string[] = []
      service.onMessage((message) => void heard.push(message.text()))
      const edge = await gateway.edge()
      await edge.publish(claimed, 'to the service')
      await edge.publish(rest, 'to the broker')
      await until(() => expect(readers[1]!.messages.map(({ data }) => data)).toEqual(['to the broker']))
      expect([heard, readers[0]!.messages]).toEqual([['to the service'], []])
    })

    it('maps topics to targets of its own', async () => {
      const target = fresh()
      const reader = await broker.reader(target)
      const to = target.replace('x', '{topic.1}')
      await using gateway = await gatewayWith({ topics: ['sensors.>'], mappings: [{ topic: 'sensors.*', to }] })
      const edge = await gateway.edge()
      await edge.publish('sensors.x', 'mapped')
      await until(() => expect(reader.messages.map(({ data }) => data)).toEqual(['mapped']))
    })

    it('tells an edge clearly what is wrong with its message, and nobody else notices', async () => {
      const topic = fresh()
      const reader = await broker.reader(topic)
      await using gateway = await gatewayWith({ topics: ['*'] })
      const [good, bad] = [await gateway.edge(), await gateway.edge()]
      const goodOnes = publishAll([good], topic, 300)
      const tooLarge = await failureOf(bad.publish(topic, new Uint8Array(subject.tooLargeBytes)))
      expect(tooLarge.code).toBe('PAYLOAD_TOO_LARGE')
      expect((await failureOf(bad.publish(subject.badTopic, 'x'))).code).toBe('INVALID_ARGUMENT')
      if (subject.missingTopic !== undefined) expect((await failureOf(bad.publish(subject.missingTopic, 'x'))).code).toBe('RECORD_NOT_FOUND')
      expect((await goodOnes).filter(({ error }) => error !== undefined)).toEqual([])
      await bad.publish(topic, 'fine')
      await until(() => expect(reader.messages).toHaveLength(301))
      expect(statusOf(gateway)).toMatchObject({ state: 'online', reconnects: 0 })
    })

    if (subject.asksForPassword) it('says so when the broker does not take its password', async () => {
      await using gateway = await startGateway()
      await gateway.frontier.exchange.addBridge(broker.strangerBridge!({ topics: ['*'] }))
      const edge = await gateway.edge()
      const error = await failureOf(edge.publish(fresh(), 'x', { timeoutMs: 10_000 }))
      expect([error.code, error.message]).toEqual(['BRIDGE_UNAVAILABLE', expect.stringMatching(/UNAUTHENTICATED|PERMISSION_DENIED/)])
      expect(statusOf(gateway).lastError?.code).toMatch(/UNAUTHENTICATED|PERMISSION_DENIED/)
    })

    const publishes = subject.publishes ?? PUBLISHES
    it(`keeps its word when the broker is killed in the middle of ${publishes.toLocaleString('en')} publishes`, async () => {
      const topic = fresh()
      const reader = await broker.reader(topic)
      await using gateway = await gatewayWith({ topics: [topic] })
      const edges = await Promise.all(Array.from({ length: EDGES }, () => gateway.edge()))
      let settled = 0
      const publishing = publishAll(edges, topic, publishes / EDGES, () => {
        settled++
      })
      await until(() => expect(settled).toBeGreaterThan(publishes / 4))
      await broker.process.kill()
      await broker.process.restart()
      const outcomes = await publishing
      await edges[0]!.publish(topic, 'the last one', { timeoutMs: PATIENT_MS })
      await reader.settle()
      const counts = new Map<string, number>()
      for (const { data } of reader.messages) counts.set(data, (counts.get(data) ?? 0) + 1)
      const refused = outcomes.filter(({ error }) => error !== undefined)
      expect(new Set(refused.map(({ error }) => error!.code))).toEqual(refused.length > 0 ? new Set(['BRIDGE_UNAVAILABLE']) : new Set())
      expect(outcomes).toHaveLength(publishes)
      if (subject.guarantee !== 'none') {
        const acked = outcomes.filter(({ error }) => error === undefined).map(({ data }) => data)
        expect(acked.filter((data) => !counts.has(data))).toEqual([])
        if (subject.guarantee === 'once') expect(acked.filter((data) => counts.get(data) !== 1)).toEqual([])
      }
      expect(statusOf(gateway)).toMatchObject({ state: 'online', waiting: 0 })
    })

    it('tells edges in time when the broker hangs, and goes on when it is back', async () => {
      const topic = fresh()
      await broker.reader(topic)
      await using gateway = await gatewayWith({ topics: [topic], ackTimeoutMs: 3000, connectTimeoutMs: 2000 })
      const edge = await gateway.edge()
      await edge.publish(topic, 'before')
      await broker.process.pause()
      try {
        const error = await failureOf(edge.publish(topic, 'meanwhile', { timeoutMs: 4000 }))
        expect(error).toMatchObject({ code: 'BRIDGE_UNAVAILABLE', retryable: true })
      } finally {
        await broker.process.resume()
      }
      await edge.publish(topic, 'after', { timeoutMs: PATIENT_MS })
    })

    it('starts without its broker, keeps what comes for it, and only what it has room for', async () => {
      const topic = fresh()
      const reader = await broker.reader(topic)
      await broker.process.kill()
      const gateway = await startGateway()
      try {
        await expect(gateway.frontier.exchange.addBridge(broker.bridge({ topics: [topic], required: true, connectTimeoutMs: 2000 }))).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
        // Of which one edge has an eighth.
        await gateway.frontier.exchange.addBridge(broker.bridge({ topics: [topic], maxWaiting: 80, connectTimeoutMs: 2000, maxReconnectDelayMs: 500 }))
        const [edge, service] = [await gateway.edge(), await gateway.service()]
        await service.register('echo', (request) => request.data)
        const waiting = Array.from({ length: 10 }, (_, i) => edge.publish(topic, String(i), { timeoutMs: PATIENT_MS }))
        expect(await codeOf(edge.publish(topic, 'too many'))).toBe('BUFFER_FULL')
        expect((await edge.call('echo', 'nothing to do with it')).text()).toBe('nothing to do with it')
        expect(statusOf(gateway)).toMatchObject({ waiting: 10, refused: 1 })
        await broker.process.restart()
        await Promise.all(waiting)
        await reader.settle()
        if (subject.guarantee !== 'none') expect(reader.messages.map(({ data }) => data)).toEqual(waiting.map((_, i) => String(i)))
      } finally {
        await gateway[Symbol.asyncDispose]()
      }
    })

    it('flushes when the gateway drains', async () => {
      const topic = fresh()
      const reader = await broker.reader(topic)
      const gateway = await gatewayWith({ topics: [topic] })
      const edges = await Promise.all(Array.from({ length: 4 }, () => gateway.edge()))
      const unacked = edges.flatMap((edge, at) => Array.from({ length: 200 }, (_, i) => edge.publish(topic, `${at} ${i}`)))
      // They are in the gateway once the last one is: one link keeps its order.
      await Promise.race(unacked)
      await gateway.frontier.drain({ timeoutMs: 10_000 })
      const outcomes = await Promise.allSettled(unacked)
      const acked = outcomes.filter(({ status }) => status === 'fulfilled').length
      expect(acked).toBeGreaterThan(0)
      await gateway[Symbol.asyncDispose]()
      await until(() => expect(reader.messages.length).toBeGreaterThanOrEqual(acked))
    })

    if (subject.canBeConsumed) it('brings messages to edges, acknowledges them when the edge is done, and keeps the others in the dead letters', async () => {
      const [source, dead] = [`${fresh()}source`, fresh()]
      const deadLetters = await broker.reader(dead)
      await broker.reader(source)
      const to: InboundTarget = subject.hasHeaders ? {} : subject.hasKey ? { key: true as const } : { labels: { site: 'consumer' } }
      await using gateway = await gatewayWith({ consume: [{ from: source, topic: 'from.{source}', to, deadLetter: dead, timeoutMs: 5000 }] })
      const edge = await gateway.edge({ labels: { site: 'consumer' } })
      const heard: string[] = []
      edge.onMessage((message) => {
        if (message.text() === 'refuse me') throw new Error('no')
        heard.push(`${message.topic} ${message.text()}`)
      })
      const address = { key: edge.id.toString(), headers: { 'frontier-edge-id': edge.id.toString() } }
      await until(async () => {
        await broker.feed!(source, { data: 'hello', ...address })
        expect(heard.length).toBeGreaterThan(0)
      })
      expect(heard[0]).toBe(`from.${source} hello`)
      await broker.feed!(source, { data: 'refuse me', ...address })
      await until(() => expect(deadLetters.messages.map(({ data }) => data)).toContain('refuse me'))
      if (subject.hasHeaders) {
        expect(deadLetters.messages.find(({ data }) => data === 'refuse me')!.headers).toMatchObject({ 'frontier-error': 'REMOTE_ERROR', 'frontier-error-source': source })
      }
      await until(() => expect(statusOf(gateway)).toMatchObject({ deadLettered: 1, waiting: 0 }))
    })

    it('leaves nothing behind', async () => {
      const topic = fresh()
      await broker.reader(topic)
      const once = async (): Promise<void> => {
        await using gateway = await gatewayWith({ topics: [topic] })
        const edge = await gateway.edge()
        await edge.publish(topic, 'x')
      }
      await once()
      const before = resources()
      for (let i = 0; i < 5; i++) await once()
      await until(() => expect(resources()).toBeLessThanOrEqual(before))
    })
  })
}

/** Waits for a condition, as long as a broker may take on a busy machine. */
function until(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 30_000, interval: 5 })
}

/** Sockets and timers of this process. */
function resources(): number {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Pipe|Timeout|Immediate/.test(kind)).length
}

/** Each edge publishes `count` messages, so many at once, and says what came of each. */
async function publishAll(edges: readonly Edge[], topic: string, count: number, onSettled: () => void = () => undefined): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const one = async (edge: Edge, at: number): Promise<void> => {
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < count) {
        const data = `${at} ${next++}`
        const error = await edge.publish(topic, data, { timeoutMs: PATIENT_MS }).then(
          () => undefined,
          (thrown: unknown) => thrown as FrontierError,
        )
        outcomes.push({ data, error })
        onSettled()
      }
    }
    await Promise.all(Array.from({ length: Math.min(WINDOW, count) }, worker))
  }
  await Promise.all(edges.map(one))
  return outcomes
}

/** Messages `<edge> <number>` that come before an earlier one of the same edge. */
function disorder(messages: readonly string[]): string[] {
  const last = new Map<string, number>()
  return messages.filter((data) => {
    const [edge, number] = data.split(' ')
    const isLate = Number(number) < (last.get(edge!) ?? -1)
    last.set(edge!, Math.max(Number(number), last.get(edge!) ?? -1))
    return isLate
  })
}

async function failureOf(promise: Promise<unknown>): Promise<FrontierError> {
  try {
    await promise
  } catch (error) {
    return error as FrontierError
  }
  throw new Error('it did not fail')
}
