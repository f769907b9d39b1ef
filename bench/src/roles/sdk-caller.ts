import { connectEdge, type Edge } from '@frontier/edge'

import { LatencyHistogram } from '../latency-histogram.js'
import { ECHO } from '../load.js'
import type { CallerRole } from './role.js'

const AT_ONCE = 64

/** Edges of `@frontier/edge`. */
export function sdkCaller(): CallerRole {
  let edges: Edge[] = []
  let payload = new Uint8Array(0)
  return {
    info: null,
    commands: {
      async connect(target) {
        payload = new Uint8Array(target.size).fill(0x61)
        while (edges.length < target.edges) {
          const some = Math.min(AT_ONCE, target.edges - edges.length)
          edges.push(...(await Promise.all(Array.from({ length: some }, () => connectEdge(`tcp://127.0.0.1:${target.port}`)))))
        }
      },
      async run({ inFlight, durationMs }) {
        const latencies = new LatencyHistogram()
        const startedAt = performance.now()
        const callOn = async (edge: Edge): Promise<void> => {
          for (let sentAt = performance.now(); sentAt - startedAt < durationMs; ) {
            await edge.call(ECHO, payload)
            const now = performance.now()
            latencies.add(now - sentAt)
            sentAt = now
          }
        }
        await Promise.all(edges.flatMap((edge) => Array.from({ length: inFlight }, () => callOn(edge))))
        const seconds = (performance.now() - startedAt) / 1000
        return { calls: latencies.count, seconds, p50Us: latencies.percentileUs(0.5), p99Us: latencies.percentileUs(0.99) }
      },
      async disconnect() {
        await Promise.all(edges.map((edge) => edge.close()))
        edges = []
      },
    },
  }
}
