// Guarantee 5: a stuck peer costs only itself, be it a consumer, a callee that never answers, or a caller that never reads its answers, edge or service.
import { connectEdge, type Edge } from '@frontier/edge'
import type { Frontier } from '@frontier/gateway'
import { connectService, type Service } from '@frontier/service'
import { encodeFrame, FrameType, toBytes } from '@frontier/wire'
import { describe, expect, it, vi } from 'vitest'
import { codeOf } from '../support/code-of.js'
import { figure } from '../support/figures.js'
import { inParallel } from '../support/latencies.js'
import { loopbackGateway, type LoopbackGateway } from '../support/loopback-gateway.js'
import { memoryInUse } from '../support/memory-use.js'
import { RawClient } from '../support/raw-client.js'

const MIB = 1_048_576
const limits = { queue_mark_bytes: 256 * 1024, queue_hard_mark_bytes: 4 * MIB }
const config = {
  edgebound: { ping_interval_seconds: 0.5, limits },
  servicebound: { ping_interval_seconds: 0.5, limits },
}

/** Counts what becomes of many requests: 'done' or the code. */
class Outcomes {
  readonly counts: Record<string, number> = {}

  async of(request: Promise<unknown>): Promise<string> {
    const outcome = await codeOf(request)
    this.counts[outcome] = (this.counts[outcome] ?? 0) + 1
    return outcome
  }
}

/** A healthy edge and a healthy service that call each other, publish and stream all the while. What they see is kept. */
class Bystanders implements AsyncDisposable {
  readonly outcomes = new Outcomes()
  rounds = 0
  #isOver = false
  #work: Promise<unknown> = Promise.resolve()

  readonly edge: Edge
  readonly service: Service

  private constructor(edge: Edge, service: Service) {
    this.edge = edge
    this.service = service
  }

  static async join(gateway: LoopbackGateway): Promise<Bystanders> {
    const service = await connectService(gateway.serviceAddress, {
      name: 'bystander',
      topics: ['bystander'],
      methods: { bystander: (request) => request.data },
      onMessage: () => undefined,
      onStream: (stream) => stream.sink(stream).catch(() => undefined),
    })
    const edge = await connectEdge(gateway.edgeAddress, { methods: { echo: (request) => request.data }, onMessage: () => undefined })
    const bystanders = new Bystanders(edge, service)
    bystanders.#work = bystanders.#run()
    return bystanders
  }

  /** Waits until every kind of traffic has gone through again. */
  async oneMoreRound(): Promise<void> {
    const from = this.rounds
    await vi.waitFor(() => expect(this.rounds).toBeGreaterThan(from + 2), { timeout: 20_000, interval: 5 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.#work
    await Promise.all([this.edge.close(), this.service.close()])
  }

  async #run(): Promise<void> {
    const { edge, service, outcomes } = this
    const stream = await edge.openStream('bystander')
    const reader = stream[Symbol.asyncIterator]()
    while (!this.#isOver) {
      await Promise.all([
        outcomes.of(edge.call('bystander', 'x')),
        outcomes.of(service.call(edge.id, 'echo', 'x')),
        outcomes.of(edge.publish('bystander', new Uint8Array(1000))),
        outcomes.of(service.publish(edge.id, new Uint8Array(1000))),
        outcomes.of(stream.write('streamed').then(() => reader.next())),
      ])
      this.rounds++
    }
    await stream.close()
  }
}

/** Sends requests until what they get for it tells that the peer is taken for stuck. */
async function pressUntil(isOver: () => boolean, width: number, send: (n: number) => Promise<unknown>): Promise<void> {
  let n = 0
  await inParallel(width, width, async () => {
    while (!isOver()) await send(n++)
  })
}

/** Reads nothing more; what it is sent stays in the kernel, then in the gateway. */
function stopReading(client: RawClient): void {
  client.socket.pause()
}

function slowConsumers(frontier: Frontier): number {
  return frontier.exchange.counters.slowConsumers
}

describe('a stuck edge', () => {
  it('that does not read its messages gets BUFFER_FULL, then SLOW_CONSUMER; nobody else notices; memory stays bounded', async () => {
    await using gateway = await loopbackGateway(config)
    await using bystanders = await Bystanders.join(gateway)
    const { service } = bystanders
    await using stuck = await RawClient.connect(gateway.edgeAddress)
    const { id } = await stuck.welcome()
    stopReading(stuck)
    // It is alive as far as its pings tell: it only does not read.
    const pings = setInterval(() => stuck.send({ type: FrameType.PING }), 100)
    const before = await memoryInUse()
    let highest = 0
    const outcomes = new Outcomes()
    await pressUntil(
      () => slowConsumers(gateway.frontier) > 0,
      64,
      async () => {
        const data = new Uint8Array(30_000)
        await outcomes.of(service.publish(id, data, { timeoutMs: 200 }))
        highest = Math.max(highest, process.memoryUsage().arrayBuffers)
      },
    )
    clearInterval(pings)
    await bystanders.oneMoreRound()
    figure(5, `stuck edge: ${JSON.stringify(outcomes.counts)}; bystanders ${JSON.stringify(bystanders.outcomes.counts)}; at most ${(highest / MIB).toFixed(0)} MiB of buffers`)
    expect(Object.keys(outcomes.counts).sort()).toEqual(expect.arrayContaining(['BUFFER_FULL', 'TIMEOUT']))
    expect(Object.keys(outcomes.counts).every((code) => ['BUFFER_FULL', 'TIMEOUT', 'SLOW_CONSUMER', 'EOF', 'EDGE_NOT_ONLINE'].includes(code))).toBe(true)
    expect(Object.keys(bystanders.outcomes.counts)).toEqual(['done'])
    expect(gateway.frontier.exchange.edges.get(id)).toBeUndefined()
    expect((await memoryInUse()) - before).toBeLessThan(8 * MIB)
  })

  it('that never answers costs its callers TIMEOUT and BUFFER_FULL; another caller still finds room', async () => {
    await using gateway = await loopbackGateway({ edgebound: { limits: { max_requests_to: 64 } } })
    await using bystanders = await Bystanders.join(gateway)
    await using stuck = await RawClient.connect(gateway.edgeAddress)
    const { id } = await stuck.welcome()
    const outcomes = new Outcomes()
    await Promise.all(Array.from({ length: 100 }, () => outcomes.of(bystanders.service.call(id, 'hang', 'x', { timeoutMs: 300 }))))
    expect(outcomes.counts).toEqual({ TIMEOUT: 8, BUFFER_FULL: 92 })
    await using other = await connectService(gateway.serviceAddress)
    const hanging = other.call(id, 'hang', 'x', { timeoutMs: 20_000 })
    await vi.waitFor(() => expect(stuck.frames.filter((frame) => frame.type === FrameType.CALL)).toHaveLength(9))
    stuck.write(encodeFrame({ type: FrameType.ANSWER, id: stuck.frames.at(-1)!.id, data: toBytes('at last') }))
    expect((await hanging).text()).toBe('at last')
    await bystanders.oneMoreRound()
    expect(Object.keys(bystanders.outcomes.counts)).toEqual(['done'])
  })

  it('that calls and never reads its answers is closed with SLOW_CONSUMER; nobody else notices; memory stays bounded', async () => {
    await using gateway = await loopbackGateway(config)
    await using bystanders = await Bystanders.join(gateway)
    await using service = await connectService(gateway.serviceAddress, { methods: { big: () => new Uint8Array(30_000) } })
    const before = await memoryInUse()
    await using stuck = await RawClient.connect(gateway.edgeAddress)
    const { id } = await stuck.welcome()
    stopReading(stuck)
    let n = 0
    let highest = 0
    await vi.waitFor(
      () => {
        for (let i = 0; i < 50 && stuck.isDrained; i++) stuck.send({ type: FrameType.CALL, id: ++n, key: 'big' })
        highest = Math.max(highest, process.memoryUsage().arrayBuffers)
        expect(slowConsumers(gateway.frontier)).toBeGreaterThan(0)
      },
      { timeout: 20_000, interval: 1 },
    )
    await vi.waitFor(() => expect(gateway.frontier.exchange.edges.get(id)).toBeUndefined())
    await bystanders.oneMoreRound()
    figure(5, `edge that does not read its answers: closed after ${n} calls; at most ${(highest / MIB).toFixed(0)} MiB of buffers`)
    expect(Object.keys(bystanders.outcomes.counts)).toEqual(['done'])
    await vi.waitFor(() => expect(gateway.frontier.exchange.pendingCount).toBeLessThan(10), { timeout: 10_000 })
    expect((await memoryInUse()) - before).toBeLessThan(8 * MIB)
    expect(service.state).toBe('online')
  })

  it('that does not read a stream stops its writer and nobody else, on the same service', async () => {
    await using gateway = await loopbackGateway(config)
    await using bystanders = await Bystanders.join(gateway)
    const stuck = await connectEdge(gateway.edgeAddress, { onStream: () => undefined })
    const stream = await bystanders.service.openStream(stuck.id)
    let written = 0
    const writing = (async () => {
      for (;;) {
        await stream.write(new Uint8Array(65_536))
        written += 65_536
      }
    })().catch(() => undefined)
    await bystanders.oneMoreRound()
    await vi.waitFor(async () => {
      const from = written
      await bystanders.oneMoreRound()
      expect(written).toBe(from)
    })
    await bystanders.oneMoreRound()
    expect(written).toBeLessThan(4 * MIB)
    expect(Object.keys(bystanders.outcomes.counts)).toEqual(['done'])
    stream.reset()
    await writing
    await stuck.close()
  })
})

describe('a stuck service', () => {
  it('that does not read its messages gets BUFFER_FULL, then SLOW_CONSUMER; its edges talk to others all the while', async () => {
    await using gateway = await loopbackGateway(config)
    await using bystanders = await Bystanders.join(gateway)
    await using stuck = await RawClient.connect(gateway.serviceAddress, { role: 'service', topics: ['stuck'], methods: ['stuck'] })
    stopReading(stuck)
    const pings = setInterval(() => stuck.send({ type: FrameType.PING }), 100)
    const before = await memoryInUse()
    const outcomes = new Outcomes()
    // By one edge and by many: a single one holds an eighth of the queue at the most.
    const edges = [bystanders.edge, ...(await Promise.all(Array.from({ length: 16 }, () => connectEdge(gateway.edgeAddress))))]
    await pressUntil(
      () => slowConsumers(gateway.frontier) > 0,
      edges.length * 8,
      async (n) => {
        const edge = edges[n % edges.length]!
        await outcomes.of(n % 2 === 0 ? edge.publish('stuck', new Uint8Array(30_000), { timeoutMs: 200 }) : edge.call('stuck', 'x', { timeoutMs: 200 }))
      },
    )
    clearInterval(pings)
    await bystanders.oneMoreRound()
    figure(5, `stuck service: ${JSON.stringify(outcomes.counts)}; bystanders ${JSON.stringify(bystanders.outcomes.counts)}`)
    expect(Object.keys(outcomes.counts)).toEqual(expect.arrayContaining(['BUFFER_FULL', 'TIMEOUT']))
    expect(Object.keys(bystanders.outcomes.counts)).toEqual(['done'])
    await Promise.all(edges.slice(1).map((edge) => edge.close()))
    expect((await memoryInUse()) - before).toBeLessThan(8 * MIB)
  })

  it('that calls edges and never reads their answers is closed with SLOW_CONSUMER; nobody else notices', async () => {
    await using gateway = await loopbackGateway(config)
    await using bystanders = await Bystanders.join(gateway)
    await using edge = await connectEdge(gateway.edgeAddress, { methods: { big: () => new Uint8Array(30_000) } })
    const before = await memoryInUse()
    await using stuck = await RawClient.connect(gateway.serviceAddress, { role: 'service' })
    stopReading(stuck)
    let n = 0
    await vi.waitFor(
      () => {
        for (let i = 0; i < 50 && stuck.isDrained; i++) stuck.send({ type: FrameType.CALL, id: ++n, key: 'big', peer: edge.id })
        expect(slowConsumers(gateway.frontier)).toBeGreaterThan(0)
      },
      { timeout: 20_000, interval: 1 },
    )
    await bystanders.oneMoreRound()
    expect(Object.keys(bystanders.outcomes.counts)).toEqual(['done'])
    expect(edge.state).toBe('online')
    expect((await memoryInUse()) - before).toBeLessThan(8 * MIB)
  })

  it('that never answers one flooding edge leaves room for the others', async () => {
    await using gateway = await loopbackGateway({ servicebound: { limits: { max_requests_to: 800 } } })
    let served = 0
    await using _service = await connectService(gateway.serviceAddress, {
      name: 's',
      methods: {
        hang: () => new Promise<void>(() => undefined),
        echo: (request) => {
          served++
          return request.data
        },
      },
    })
    await using flooding = await RawClient.connect(gateway.edgeAddress)
    // Twice what one source may have, and it gives up none of them.
    for (let id = 1; id <= 200; id++) flooding.send({ type: FrameType.CALL, id, key: 'hang' })
    await vi.waitFor(() => expect(flooding.frames.filter((frame) => frame.type === FrameType.ANSWER)).toHaveLength(100))
    expect(new Set(flooding.frames.slice(1).map((frame) => frame.key))).toEqual(new Set(['BUFFER_FULL']))
    // A flood that cancels what it asked for holds the places just the same: the handlers still run.
    for (let id = 1; id <= 200; id++) {
      flooding.send({ type: FrameType.CANCEL, id })
      flooding.send({ type: FrameType.CALL, id: 1000 + id, key: 'hang' })
    }
    const edges = await Promise.all(Array.from({ length: 5 }, () => connectEdge(gateway.edgeAddress)))
    await Promise.all(edges.flatMap((edge) => Array.from({ length: 90 }, () => edge.call('echo', 'x'))))
    expect(served).toBe(450)
    await Promise.all(edges.map((edge) => edge.close()))
  })
})

describe('one edge that floods a service with unfinished payloads', () => {
  it('leaves room for those of the others', async () => {
    await using gateway = await loopbackGateway()
    await using _service = await connectService(gateway.serviceAddress, { topics: ['t'], onMessage: () => undefined, methods: { size: (r) => String(r.data.length) } })
    await using flooding = await RawClient.connect(gateway.edgeAddress)
    // First fragments without an end: of many bodies, then of large ones.
    for (let id = 1; id <= 3000; id++) flooding.send({ type: FrameType.CALL, flags: 1, id, key: 'size' })
    const piece = new Uint8Array(32_000)
    for (let id = 4001; id <= 4006; id++) {
      flooding.send({ type: FrameType.CALL, flags: 1, id, key: 'size', data: piece })
      for (let i = 0; i < 500; i++) flooding.write(encodeFrame({ type: FrameType.CALL, flags: 3, id, key: '', data: piece }))
    }
    await vi.waitFor(() => expect(flooding.isDrained).toBe(true), { timeout: 20_000 })
    await using edge = await connectEdge(gateway.edgeAddress)
    const outcomes = new Outcomes()
    await Promise.all(Array.from({ length: 8 }, () => outcomes.of(edge.call('size', new Uint8Array(4 * MIB)))))
    expect(outcomes.counts).toEqual({ done: 8 })
  })
})

describe('two ends that both send flat out and read slowly', () => {
  const COUNT = 100
  const BYTES = 30_000

  it('never deadlock with messages', async () => {
    await using gateway = await loopbackGateway()
    let atService = 0
    let atEdge = 0
    const slowly = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
    }
    await using service = await connectService(gateway.serviceAddress, {
      topics: ['t'],
      onMessage: async () => {
        await slowly()
        atService++
      },
    })
    await using edge = await connectEdge(gateway.edgeAddress, {
      onMessage: async () => {
        await slowly()
        atEdge++
      },
    })
    const outcomes = new Outcomes()
    await Promise.all(
      Array.from({ length: COUNT }, () => [
        outcomes.of(edge.publish('t', new Uint8Array(BYTES))),
        outcomes.of(service.publish(edge.id, new Uint8Array(BYTES))),
        outcomes.of(edge.publish('t', new Uint8Array(10 * BYTES))),
        outcomes.of(service.publish(edge.id, new Uint8Array(10 * BYTES))),
      ]).flat(),
    )
    const { done = 0, BUFFER_FULL = 0 } = outcomes.counts
    figure(5, `both flat out: ${JSON.stringify(outcomes.counts)}`)
    // Whether a queue was full for a moment is a matter of speed; that all of them settled, and what was acknowledged was handled, is not.
    expect(done + BUFFER_FULL).toBe(4 * COUNT)
    expect(atService + atEdge).toBe(done)
    await Promise.all([edge.publish('t', 'x'), service.publish(edge.id, 'x')])
  })

  it('never deadlock on a stream', async () => {
    await using gateway = await loopbackGateway()
    const total = 16 * MIB
    const pump = async (stream: Awaited<ReturnType<Edge['openStream']>>): Promise<number> => {
      let read = 0
      await Promise.all([
        (async () => {
          const chunk = new Uint8Array(100_000)
          for (let sent = 0; sent < total; sent += chunk.length) await stream.write(chunk)
          await stream.closeWrite()
        })(),
        (async () => {
          for await (const chunk of stream) {
            read += chunk.length
            await new Promise((resolve) => setImmediate(resolve))
          }
        })(),
      ])
      return read
    }
    let atService: Promise<number> | undefined
    await using _service = await connectService(gateway.serviceAddress, { name: 's', onStream: (stream) => void (atService = pump(stream)) })
    await using edge = await connectEdge(gateway.edgeAddress)
    const stream = await edge.openStream('s')
    const atEdge = await pump(stream)
    expect(atEdge).toBe(Math.ceil(total / 100_000) * 100_000)
    expect(await atService).toBe(atEdge)
    expect((await stream.closed).code).toBe('CLOSED')
  })
})
