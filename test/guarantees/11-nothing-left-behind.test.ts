// Guarantee 11: 10,000 connect/disconnect cycles and 10,000 stream open/close cycles return to the baseline; nothing is left behind.
import { setImmediate } from 'node:timers/promises'
import { connectEdge } from '@frontier/edge'
import type { Frontier } from '@frontier/gateway'
import { connectService } from '@frontier/service'
import { describe, expect, it, vi } from 'vitest'
import { codeOf } from '../support/code-of.js'
import { figure } from '../support/figures.js'
import { inParallel } from '../support/latencies.js'
import { loopbackGateway } from '../support/loopback-gateway.js'
import { activeResources, memoryInUse } from '../support/memory-use.js'

const CYCLES = 10_000
const WARM_UP = 1000
const WIDTH = 16
const MIB = 1_048_576
/** What may differ between two measurements of the same: code that was compiled meanwhile, caches of the runtime. */
const NOISE_BYTES = 2 * MIB

/** Everything that an exchange and its gateway keep a table of. */
function tablesOf({ exchange, registry }: Frontier): Record<string, number> {
  return {
    pending: exchange.pendingCount,
    edges: exchange.edges.size,
    services: exchange.services.size,
    methods: exchange.methods.size,
    topics: exchange.topics.size,
    names: exchange.names.size,
    edgesInRegistry: registry.edgeCount,
    servicesInRegistry: registry.serviceCount,
  }
}

/** Listeners of the process: one that is added per link would show here. */
function listenerCount(): number {
  return process.eventNames().reduce((count, name) => count + process.listenerCount(name as 'exit'), 0)
}

/** Waits until the sockets that were closed are gone. */
async function settled(baseline: Record<string, number>): Promise<void> {
  // Timers of the test runner come and go.
  const { Timeout: _ignored, Immediate: _too, ...expected } = baseline
  await vi.waitFor(() => expect(activeResources()).toMatchObject(expected), { timeout: 20_000, interval: 50 })
}

async function settledAt(baseline: Record<string, number>, tables: () => unknown, expectedTables: unknown): Promise<void> {
  await settled(baseline)
  await vi.waitFor(() => expect(tables()).toEqual(expectedTables), { timeout: 20_000, interval: 20 })
}

/** As `expect`, which keeps something of each time it is called. */
function check(isRight: boolean): void {
  if (!isRight) throw new Error('something else was expected')
}

describe('10,000 cycles', () => {
  it('of edges that connect, register, call, are called and go leave nothing behind', async () => {
    await using gateway = await loopbackGateway()
    const { frontier, edgeAddress } = gateway
    await using service = await connectService(gateway.serviceAddress, {
      name: 's',
      topics: ['t'],
      methods: { echo: (request) => request.data },
      onMessage: () => undefined,
      hooks: { edgeOnline: () => undefined, edgeOffline: () => undefined },
    })
    const cycle = async (n: number): Promise<void> => {
      const edge = await connectEdge(edgeAddress, { methods: { ping: () => 'pong' }, labels: { n: String(n) }, meta: 'meta' })
      const registration = await edge.register('late', () => 'late')
      await Promise.all([edge.call('echo', 'x'), edge.publish('t', 'x'), service.call(edge.id, 'late')])
      if (n % 3 === 0) registration[Symbol.dispose]()
      // All the ways to go: with a goodbye, drained, and torn off with something in flight.
      if (n % 10 === 0) await edge.drain()
      else if (n % 2 === 0) await edge.close()
      else {
        const calls = [edge.call('echo', 'x'), service.call(edge.id, 'ping')].map((call) => call.catch(() => undefined))
        edge.abort()
        await Promise.all(calls)
      }
      await edge.closed
    }
    const tables = tablesOf(frontier)
    await inParallel(WARM_UP, WIDTH, cycle)
    await vi.waitFor(() => expect(tablesOf(frontier)).toEqual(tables), { timeout: 20_000 })
    const resources = activeResources()
    const listeners = listenerCount()
    const before = await memoryInUse()

    await inParallel(CYCLES, WIDTH, cycle)
    await settledAt(resources, () => tablesOf(frontier), tables)
    await vi.waitFor(async () => expect((await memoryInUse()) - before).toBeLessThan(NOISE_BYTES), { timeout: 10_000, interval: 200 })
    expect(listenerCount()).toBe(listeners)
    figure(11, `${CYCLES} edges came and went: memory ${(((await memoryInUse()) - before) / 1024).toFixed(0)} KiB above the baseline, ${JSON.stringify(tablesOf(frontier))}`)
  }, 120_000)

  it('of services that connect, serve and go leave nothing behind', async () => {
    await using gateway = await loopbackGateway()
    const { frontier, serviceAddress } = gateway
    await using edge = await connectEdge(gateway.edgeAddress, { methods: { ping: () => 'pong' } })
    const cycle = async (n: number): Promise<void> => {
      const name = `m${n % 100}`
      const service = await connectService(serviceAddress, { name: `s${n % 50}`, topics: [name], methods: { [name]: () => 'x' }, onMessage: () => undefined })
      await service.register('late', () => 'late')
      await Promise.all([edge.call(name), edge.publish(name, 'x'), service.call(edge.id, 'ping')].map((request) => request.catch(() => undefined)))
      if (n % 2 === 0) await service.close()
      else service.abort()
      await service.closed
    }
    const tables = tablesOf(frontier)
    await inParallel(WARM_UP, WIDTH, cycle)
    await vi.waitFor(() => expect(tablesOf(frontier)).toEqual(tables), { timeout: 20_000 })
    const resources = activeResources()
    const before = await memoryInUse()
    await inParallel(CYCLES / 5, WIDTH, cycle)
    await settledAt(resources, () => tablesOf(frontier), tables)
    await vi.waitFor(async () => expect((await memoryInUse()) - before).toBeLessThan(NOISE_BYTES), { timeout: 10_000, interval: 200 })
  }, 120_000)

  it('of streams that open, carry bytes, calls and messages, and close leave nothing behind', async () => {
    await using gateway = await loopbackGateway()
    const { frontier } = gateway
    await using service = await connectService(gateway.serviceAddress, {
      name: 's',
      onStream: async (stream) => {
        await stream.register('echo', (request) => request.data)
        stream.onMessage(() => undefined)
        await stream.sink(stream).catch(() => undefined)
      },
    })
    await using edge = await connectEdge(gateway.edgeAddress, { onStream: (stream) => stream.sink(stream).catch(() => undefined) })
    const refused = await connectEdge(gateway.edgeAddress)
    const cycle = async (n: number): Promise<void> => {
      if (n % 7 === 0) {
        check((await codeOf(service.openStream(refused.id))) === 'STREAM_REFUSED')
        return
      }
      const stream = n % 2 === 0 ? await edge.openStream('s', { meta: 'meta' }) : await service.openStream(edge.id, { meta: 'meta' })
      await stream.write('through')
      const { value } = await stream[Symbol.asyncIterator]().next()
      check(value?.length === 7)
      if (n % 2 === 0) {
        check((await stream.call('echo', 'x')).text() === 'x')
        await stream.publish('', 'x')
      }
      // All the ways to end: half-closed by both, closed by one, reset, with bytes that nobody reads.
      if (n % 5 === 0) stream.reset()
      else if (n % 5 === 1) {
        await stream.closeWrite()
        for await (const _bytes of stream) continue
      } else if (n % 5 === 2) {
        await stream.write(new Uint8Array(100_000))
        await stream.close()
      } else await stream.close()
      await stream.closed
    }
    await inParallel(WARM_UP, WIDTH, cycle)
    const noStreams = (): unknown => [edge.listStreams().length, service.listStreams().length, ...[...frontier.exchange.edges.values()].map((peer) => peer.streams?.size ?? 0), ...[...frontier.exchange.services.values()].map((peer) => peer.streams?.size ?? 0)]
    await vi.waitFor(() => expect(noStreams()).toEqual([0, 0, 0, 0, 0]), { timeout: 20_000 })
    const resources = activeResources()
    const before = await memoryInUse()

    await inParallel(CYCLES, WIDTH, cycle)
    await settledAt(resources, noStreams, [0, 0, 0, 0, 0])
    await vi.waitFor(async () => expect((await memoryInUse()) - before).toBeLessThan(NOISE_BYTES), { timeout: 10_000, interval: 200 })
    expect(frontier.exchange.pendingCount).toBe(0)
    figure(11, `${CYCLES} streams opened and closed: memory ${(((await memoryInUse()) - before) / 1024).toFixed(0)} KiB above the baseline`)
    await refused.close()
  }, 120_000)

  it('of everything, then closing all of it, leave no socket, no listening port and no timer', async () => {
    const resources = activeResources()
    const listeners = listenerCount()
    {
      await using gateway = await loopbackGateway()
      await using service = await connectService(gateway.serviceAddress, { name: 's', methods: { hang: () => new Promise<void>(() => undefined) }, onStream: () => undefined })
      for (let i = 0; i < 20; i++) {
        const edge = await connectEdge(gateway.edgeAddress, { methods: { ping: () => 'pong' } })
        const controller = new AbortController()
        const call = edge.call('hang', 'x', { signal: controller.signal, timeoutMs: 3_600_000 }).catch((error: unknown) => error)
        await edge.openStream('s')
        await service.call(edge.id, 'ping')
        if (i % 2 === 0) controller.abort()
        await edge.close()
        await call
      }
    }
    // Not by way of vi.waitFor: that has timers of its own.
    const left = (): string[] => ['TCPSocketWrap', 'TCPServerWrap', 'PipeWrap', 'Timeout'].filter((kind) => (activeResources()[kind] ?? 0) > (resources[kind] ?? 0))
    const deadline = performance.now() + 10_000
    while (left().length > 0 && performance.now() < deadline) await setImmediate()
    expect(left()).toEqual([])
    expect(listenerCount()).toBe(listeners)
  })
})
