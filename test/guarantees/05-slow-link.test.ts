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

/** What the machine, and not the line, adds: the same calls at the same time over a line of that speed that carries nothing else. */
async function noise(gateway: LoopbackGateway, service: Service, until: Promise<unknown>): Promise<number[]> {
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
async function callUntil(until: Promise<unknown>, call: () => Promise<unknown>): Promise<number[]> {
  const state = { isOver: false }
  const over = until.then(() => (state.isOver = true))
  const times: number[] = []
  while (!state.isOver) times.push(await timed(call))
  await over
  return times
}

/** One edge behind a slow line, called and calling while `run` sends. */
async function behindSlowLine(
  gateway: LoopbackGateway,
  service: Service,
  run: (edge: Edge) => Promise<unknown>,
): Promise<{ toService: number[]; toEdge: number[] }> {
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
  it('delays a call on the same link by under 100 ms, whoever sends it, and whoever calls', async () => {
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
    const added = (times: number[], share: number): number => percentile(times, share) - percentile(usual, share)
    for (const { way, toService, toEdge } of results) {
      for (const [direction, times] of Object.entries({ 'edge calls': toService, 'edge is called': toEdge })) {
        const delays = [0.5, 0.99].map((share) => added(times, share).toFixed(0))
        figure(5, `${way}, ${direction}: ${times.length} calls, delayed by ${delays[0]!} ms at p50, ${delays[1]!} ms at p99`)
      }
    }
    for (const { way, toService, toEdge } of results) {
      expect(added(toService, 0.99), `${way}, the edge calls`).toBeLessThan(MAX_DELAY_MS)
      expect(added(toEdge, 0.99), `${way}, the edge is called`).toBeLessThan(MAX_DELAY_MS)
    }
  }, 60_000)
})
