import { LatencyHistogram } from '../latency-histogram.js'
import type { RequestLoad, RequestOutcome } from '../request-load.js'
import type { BrokerClient } from './broker-client.js'

/** Keeps a number of messages in flight for a while, spread over `edges`; one round. Rejects when the broker refuses one. */
export function publishRound(client: BrokerClient, edges: number, { size, inFlight, durationMs }: RequestLoad): Promise<RequestOutcome> {
  return new Promise((resolve, reject) => {
    const latencies = new LatencyHistogram()
    const data = Buffer.alloc(size, 0x61)
    const startedAt = performance.now()
    const endsAt = startedAt + durationMs
    let unanswered = inFlight
    for (let place = 0; place < inFlight; place++) {
      const edge = place % edges
      let sentAt = startedAt
      const acknowledged = (error?: unknown): void => {
        if (error !== undefined) {
          reject(error instanceof Error ? error : new Error('the broker refused a message', { cause: error }))
          return
        }
        const now = performance.now()
        latencies.add(now - sentAt)
        sentAt = now
        if (now < endsAt) client.publish(edge, data, acknowledged)
        else if (--unanswered === 0) {
          resolve({ requests: latencies.count, seconds: (now - startedAt) / 1000, p50Us: latencies.percentileUs(0.5), p99Us: latencies.percentileUs(0.99) })
        }
      }
      client.publish(edge, data, acknowledged)
    }
  })
}
