// Guarantee 9: a gateway that is killed under load and started again; buffers that were settled may be reused.
import { connectEdge, type Edge } from '@frontier/edge'
import { connectService, type Service } from '@frontier/service'
import { isFrontierError } from '@frontier/wire'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { codeOf } from '../support/code-of.js'
import { figure } from '../support/figures.js'
import { gatewayProcess, type GatewayProcess } from '../support/gateway-process.js'
import { loopbackGateway } from '../support/loopback-gateway.js'

const EDGES = 20
const RESTARTS = 2
const reconnect = { initialDelayMs: 20, maxDelayMs: 200 }

interface Outcome {
  id: number
  code: string
  delivered: string
  /** After the kill, in milliseconds; negative before it. */
  settledAfterMs: number
}

/** Calls with an id of their own, over and over, each executed once at most. */
class Load {
  readonly outcomes: Outcome[] = []
  readonly executions = new Map<number, number>()
  killedAt = Number.POSITIVE_INFINITY
  inFlight = 0
  #next = 0
  #isOver = false
  #workers: Promise<void>[] = []

  readonly handler = async (request: { json<T>(): T }): Promise<string> => {
    const id = request.json<number>()
    this.executions.set(id, (this.executions.get(id) ?? 0) + 1)
    // Some are answered at once, others stay for the kill to find them in flight.
    if (id % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    if (id % 50 === 0) await new Promise(() => undefined)
    return String(id)
  }

  begin(call: (id: number) => Promise<{ text(): string }>, width: number): void {
    this.#isOver = false
    for (let i = 0; i < width; i++) this.#workers.push(this.#work(call))
  }

  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#workers)
    this.#workers = []
  }

  async #work(call: (id: number) => Promise<{ text(): string }>): Promise<void> {
    while (!this.#isOver) {
      const id = ++this.#next
      let code = 'done'
      let delivered = 'yes'
      this.inFlight++
      try {
        expect((await call(id)).text()).toBe(String(id))
      } catch (error) {
        if (!isFrontierError(error)) throw error
        ;({ code, delivered } = error)
      }
      this.inFlight--
      this.outcomes.push({ id, code, delivered, settledAfterMs: performance.now() - this.killedAt })
      if (code !== 'done') await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

let gateway: GatewayProcess | undefined
const ends: (Edge | Service)[] = []

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end.close()))
  await gateway?.[Symbol.asyncDispose]()
  gateway = undefined
})

function areOnline(): void {
  expect(ends.map((end) => end.state)).toEqual(ends.map(() => 'online'))
}

describe('a gateway killed under load and started again', () => {
  it('gets its peers back by themselves with their ids and names; what was in flight fails at once and is not sent again', async () => {
    gateway = await gatewayProcess()
    const { edgeAddress, serviceAddress } = gateway
    const load = new Load()
    const service = await connectService(serviceAddress, {
      name: 's',
      topics: ['t'],
      methods: { work: load.handler },
      onMessage: () => undefined,
      onStream: (stream) => stream.sink(stream),
      reconnect,
      timeoutMs: 120_000,
    })
    ends.push(service)
    await service.register('late', load.handler)
    const edges: Edge[] = []
    for (let i = 0; i < EDGES; i++) {
      const wanted = i === 0 ? { id: 777n } : {}
      const edge = await connectEdge(edgeAddress, { ...wanted, methods: { work: load.handler }, onMessage: () => undefined, reconnect, timeoutMs: 120_000 })
      await edge.register('late', load.handler)
      edges.push(edge)
      ends.push(edge)
    }
    const ids = ends.map((end) => end.id)
    expect(new Set(edges.map((edge) => edge.id)).size).toBe(EDGES)
    const stream = await edges[0]!.openStream('s')
    const streamIsOver = stream.closed

    for (let restart = 1; restart <= RESTARTS; restart++) {
      load.killedAt = Number.POSITIVE_INFINITY
      for (const edge of edges) {
        load.begin((id) => edge.call(id % 2 === 0 ? 'work' : 'late', String(id)), 4)
        load.begin((id) => service.call(edge.id, id % 2 === 0 ? 'work' : 'late', String(id)), 4)
      }
      const from = load.outcomes.length
      await vi.waitFor(() => expect(load.outcomes.length).toBeGreaterThan(from + 2000), { timeout: 30_000, interval: 5 })

      // What is in flight now has been sent; nothing new joins it, so that what fails tells of it alone.
      const atKill = load.inFlight
      const ended = load.end()
      const settledBefore = load.outcomes.length
      load.killedAt = performance.now()
      await gateway.kill()
      // Nobody comes up to answer: all of it must fail now, with two minutes of its time left.
      await ended
      const failed = load.outcomes.slice(settledBefore).filter(({ code }) => code !== 'done')
      const slowest = Math.max(...failed.map(({ settledAfterMs }) => settledAfterMs))
      figure(9, `restart ${restart}: ${atKill} in flight, ${failed.length} failed with ${[...new Set(failed.map(({ code }) => code))].join()}, the last ${slowest.toFixed(0)} ms after the kill`)
      expect(failed.length).toBeGreaterThan(0)
      expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(['EOF']))
      // What surely did not run must not have run.
      for (const { id, delivered } of failed) if (delivered === 'no') expect(load.executions.get(id)).toBeUndefined()

      // What is asked for while the gateway is away waits for it.
      const waiting = [edges[0]!.call('work', '-1'), service.call(edges[1]!.id, 'work', '-2'), edges[2]!.publish('t', 'x')].map(codeOf)
      await gateway.start()
      await vi.waitFor(areOnline, { timeout: 20_000, interval: 5 })
      expect(ends.map((end) => end.id)).toEqual(ids)
      // Whoever is back first may not find the other yet; none of it hangs.
      for (const code of await Promise.all(waiting)) expect(code).toMatch(/^(done|RPC_NOT_ONLINE|EDGE_NOT_ONLINE|TOPIC_NOT_ONLINE)$/)
      // Registrations of the first connect and later ones, both ways.
      for (const edge of edges) {
        for (const method of ['work', 'late']) {
          expect((await edge.call(method, '-3')).text()).toBe('-3')
          expect((await service.call(edge.id, method, '-4')).text()).toBe('-4')
        }
        await edge.publish('t', 'x')
        await service.publish(edge.id, 'x')
      }
    }
    // Executed once at most, whatever became of the answer.
    const twice = [...load.executions].filter(([id, times]) => id > 0 && times > 1)
    expect(twice).toEqual([])
    for (const { id, code } of load.outcomes) if (code === 'done') expect(load.executions.get(id)).toBe(1)
    expect((await streamIsOver).code).toBe('EOF')
    await (await edges[0]!.openStream('s')).close()
  }, 120_000)

  it('is told to services as a new beginning: hooks work, and every edge comes online anew', async () => {
    gateway = await gatewayProcess()
    const events: string[] = []
    let nextId = 5000n
    const service = await connectService(gateway.serviceAddress, {
      reconnect,
      hooks: {
        getEdgeId: ({ wantedId }) => wantedId ?? nextId++,
        edgeOnline: ({ edgeId }) => void events.push(`online ${edgeId}`),
        edgeOffline: ({ edgeId }) => void events.push(`offline ${edgeId}`),
        snapshot: true,
      },
    })
    const edge = await connectEdge(gateway.edgeAddress, { reconnect, methods: { ping: () => 'pong' } })
    ends.push(service, edge)
    expect(edge.id).toBe(5000n)
    await gateway.kill()
    await vi.waitFor(() => expect([service.state, edge.state]).toEqual(['offline', 'offline']))
    await gateway.start()
    await vi.waitFor(areOnline, { timeout: 20_000 })
    expect(edge.id).toBe(5000n)
    await vi.waitFor(() => expect(events.filter((event) => event === 'online 5000')).toHaveLength(2))
    expect((await service.call(5000n, 'ping')).text()).toBe('pong')
  }, 60_000)
})

describe('a buffer that has settled', () => {
  const SIZES = [1, 64, 4000, 32_000, 33_000, 200_000, 1_000_000]

  /** Whether all bytes are alike; the value, or -1. */
  function valueOf(bytes: Uint8Array): number {
    const [first = -1] = bytes
    return bytes.every((byte) => byte === first) ? first : -1
  }

  it('may be reused: no byte of a publish or a call changes on the way', async () => {
    await using loopback = await loopbackGateway()
    const wrong: string[] = []
    let seen = 0
    const check = (data: Uint8Array, expected: number, what: string): void => {
      seen++
      if (valueOf(data) !== expected) wrong.push(`${what} of ${data.length}: ${valueOf(data)} for ${expected}`)
    }
    await using service = await connectService(loopback.serviceAddress, {
      topics: ['t'],
      onMessage: (message) => check(message.data, message.meta[0]!, 'message'),
      methods: {
        echo: (request) => {
          check(request.data, request.meta[0]!, 'call')
          // The answer's buffer is reused as soon as the handler has returned, too: it is the request's own.
          return request.data
        },
      },
    })
    await using edge = await connectEdge(loopback.edgeAddress, { onMessage: (message) => check(message.data, message.meta[0]!, 'message') })
    const work = async (worker: number): Promise<void> => {
      const size = SIZES[worker % SIZES.length]!
      const data = new Uint8Array(size)
      const meta = new Uint8Array(1)
      for (let round = 1; round <= 6; round++) {
        const value = (worker * 41 + round) & 0xff
        for (const send of [
          () => edge.publish('t', data, { meta }),
          () => edge.publish('t', data, { meta, delivery: 'at-most-once' }),
          () => service.publish(edge.id, data, { meta }),
          () => service.publish(edge.id, data, { meta, delivery: 'at-most-once' }),
          async () => check((await edge.call('echo', data, { meta })).data, value, 'answer'),
        ]) {
          data.fill(value)
          meta.fill(value)
          await send()
          data.fill(0xee)
          meta.fill(0xee)
        }
      }
    }
    await Promise.all(Array.from({ length: SIZES.length * 2 }, (_, worker) => work(worker)))
    expect(wrong).toEqual([])
    expect(seen).toBeGreaterThan(SIZES.length * 2 * 6 * 4)
  })

  it('may be reused: no byte of a stream changes on the way, whatever the speed of its reader', async () => {
    await using loopback = await loopbackGateway()
    const CHUNK = 50_000
    const COUNT = 400
    let result: Promise<string[]> | undefined
    await using _service = await connectService(loopback.serviceAddress, {
      name: 's',
      onStream: (stream) => {
        result = (async () => {
          const wrong: string[] = []
          let at = 0
          for await (const bytes of stream) {
            for (const byte of bytes) {
              const expected = Math.floor(at++ / CHUNK) & 0xff
              if (byte !== expected && wrong.length < 5) wrong.push(`${byte} for ${expected} at ${at - 1}`)
            }
            if (at % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
          }
          wrong.push(`${at} bytes`)
          return wrong
        })()
      },
    })
    await using edge = await connectEdge(loopback.edgeAddress)
    const stream = await edge.openStream('s')
    const buffer = new Uint8Array(CHUNK)
    for (let i = 0; i < COUNT; i++) {
      buffer.fill(i & 0xff)
      await stream.write(buffer)
      buffer.fill(0xee)
    }
    await stream.close()
    expect(await result).toEqual([`${CHUNK * COUNT} bytes`])
  })
})
