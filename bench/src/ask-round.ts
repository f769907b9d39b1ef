import { LatencyHistogram } from './latency-histogram.js'
import type { RequestLoad, RequestOutcome } from './request-load.js'

/** One round of requests by `ask`, which is given the number of the edge, of `edges`, that asks or is asked and resolves with the answer. */
export async function askRound({ inFlight, durationMs }: Omit<RequestLoad, 'size'>, edges: number, ask: (edge: number) => Promise<unknown>): Promise<RequestOutcome> {
  const latencies = new LatencyHistogram()
  const startedAt = performance.now()
  const keepAsking = async (first: number): Promise<void> => {
    // As many askers as requests in flight; fewer than edges: each has every so-manieth edge for its own.
    for (let edge = first % edges, sentAt = performance.now(); sentAt - startedAt < durationMs; edge = inFlight < edges ? (edge + inFlight) % edges : edge) {
      await ask(edge)
      const now = performance.now()
      latencies.add(now - sentAt)
      sentAt = now
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, index) => keepAsking(index)))
  const seconds = (performance.now() - startedAt) / 1000
  return { requests: latencies.count, seconds, p50Us: latencies.percentileUs(0.5), p99Us: latencies.percentileUs(0.99) }
}
