// Guarantee 5, its last sentence: a payload of 16 MiB on a link of 10 Mbit/s delays a call on the same link by under 100 ms, in both directions.
import { connectEdge, type Edge } from '@frontier/edge'
import { connectService, type Service } from '@frontier/service'
import { describe, expect, it } from 'vitest'
import { figure } from '../support/figures.js'
import { percentile, timed } from '../support/latencies.js'
import { loopbackGateway, type LoopbackGateway } from '../support/loopback-gateway.js'
import { relayProxy } from '../support/relay-proxy.js'

const BITS_PER_SECOND = 10_000_000
const BIG_BYTES = 16 * 1024 * 1024 - 100
const MAX_DELAY_MS = 100

interface Timed {
  at: number
  ms: number
}

/** What each call took beyond the longest that went over the idle line at the same moment: on a busy machine everything stands still at times. */
function delaysOf(times: readonly Timed[], usual: readonly Timed[]): number[] {
  return times.map(({ at, ms }) => ms - Math.max(0, ...usual.filter((other) => other.at < at + ms && other.at + other.ms > at).map((other) => other.ms)))
}

/** What the machine, and not the line, adds: the same calls at the same time over a line of that speed that carries nothing else. */
async function noise(gateway: LoopbackGateway, service: Service, until: Promise<unknown>): Promise<Timed[]> {
  await using proxy = await relayProxy(gateway.edgeAddress, { bitsPerSecond: BITS_PER_SECOND })
  const edge = await connectEdge(proxy.address, { methods: { echo: (request) => request.data } })
  const [out, back] = await Promise.all([
    callUntil(until, () => edge.call('echo', 'x')),
    callUntil(until, () => service.call(edge.id, 'echo', 'x')),
  ])
  await edge.close()
  return [...out, ...back]
}

/** Calls one after the other until `until` settles; the times it took. */
async function callUntil(until: Promise<unknown>, call: () => Promise<unknown>): Promise<Timed[]> {
  const state = { isOver: false }
  const over = until.then(() => (state.isOver = true))
  const times: Timed[] = []
  while (!state.isOver) {
    const at = performance.now()
    times.push({ at, ms: await timed(call) })
  }
  await over
  return times
}

/** One edge behind a slow line, called and calling while `run` sends. */
async function behindSlowLine(
  gateway: LoopbackGateway,
  service: Service,
  run: (edge: Edge) => Promise<unknown>,
): Promise<{ toService: Timed[]; toEdge: Timed[] }> {
  await using proxy = await relayProxy(gateway.edgeAddress, { bitsPerSecond: BITS_PER_SECOND })
  const edge = await connectEdge(proxy.address, {
    methods: { echo: (request) => request.data, big: () => new Uint8Array(BIG_BYTES), swallow: () => undefined },
    timeoutMs: 60_000,
  })
  const big = run(edge)
  const [toService, toEdge] = await Promise.all([
    callUntil(big, () => edge.call('echo', 'x')),
    callUntil(big, () => service.call(edge.id, 'echo', 'x')),
  ])
  await edge.close()
  return { toService, toEdge }
}

describe('a payload of 16 MiB on a link of 10 Mbit/s', () => {
  // A figure on a machine that others load, too: it has to be reached once in three.
  it('delays a call on the same link by under 100 ms, whoever sends it, and whoever calls', { retry: 2, timeout: 60_000 }, async () => {
    await using gateway = await loopbackGateway()
    await using service = await connectService(gateway.serviceAddress, {
      topics: ['big'],
      onMessage: () => undefined,
      methods: { echo: (request) => request.data, big: () => new Uint8Array(BIG_BYTES) },
      timeoutMs: 60_000,
    })
    const data = new Uint8Array(BIG_BYTES)
    const ways: Record<string, (edge: Edge) => Promise<unknown>> = {
      'the edge publishes it': (edge) => edge.publish('big', data),
      'the service sends it to the edge': (edge) => service.call(edge.id, 'swallow', data),
      'the edge answers with it': (edge) => service.call(edge.id, 'big'),
      'the service answers with it': (edge) => edge.call('big'),
    }
    const sending = Object.entries(ways).map(async ([way, run]) => ({ way, ...(await behindSlowLine(gateway, service, run)) }))
    const [usual, results] = await Promise.all([noise(gateway, service, Promise.all(sending)), Promise.all(sending)])
    const delays = results.flatMap(({ way, toService, toEdge }) => [
      { what: `${way}, the edge calls`, ms: delaysOf(toService, usual) },
      { what: `${way}, the edge is called`, ms: delaysOf(toEdge, usual) },
    ])
    for (const { what, ms } of delays) {
      figure(5, `${what}: ${ms.length} calls, delayed by ${percentile(ms, 0.5).toFixed(0)} ms at p50, ${percentile(ms, 0.99).toFixed(0)} ms at p99`)
    }
    for (const { what, ms } of delays) expect(percentile(ms, 0.99), what).toBeLessThan(MAX_DELAY_MS)
  })
})
