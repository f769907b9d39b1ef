import { connectEdge, type Edge } from '@frontier/edge'

import { LatencyHistogram } from '../latency-histogram.js'
import { ECHO } from '../load.js'
import type { ProberRole } from './role.js'

/** One call is due every so often. */
const EVERY_MS = 10

/** A few edges of `@frontier/edge` that call all the time, in turn, each only while it is online. */
export function prober(): ProberRole {
  let edges: Edge[] = []
  let latencies = new LatencyHistogram()
  let failed = 0
  let timer: NodeJS.Timeout | undefined
  let next = 0
  const probe = async (dueAt: number): Promise<void> => {
    const edge = nextOnline()
    if (edge === undefined) return
    // From when it was due: a process that is held up must not hide it.
    await edge.call(ECHO, 'x').then(
      () => {
        latencies.add(performance.now() - dueAt)
      },
      () => failed++,
    )
  }
  const nextOnline = (): Edge | undefined => {
    for (let tries = 0; tries < edges.length; tries++) {
      const edge = edges[next++ % edges.length]!
      if (edge.state === 'online') return edge
    }
    return undefined
  }
  return {
    info: null,
    commands: {
      async connect(target) {
        edges = await Promise.all(Array.from({ length: target.edges }, () => connectEdge(`tcp://127.0.0.1:${target.port}`)))
      },
      start() {
        latencies = new LatencyHistogram()
        failed = 0
        let dueAt = performance.now()
        timer = setInterval(() => {
          for (; dueAt <= performance.now(); dueAt += EVERY_MS) void probe(dueAt)
        }, EVERY_MS)
      },
      stop() {
        clearInterval(timer)
        return { calls: latencies.count, failed, p50Us: latencies.percentileUs(0.5), p99Us: latencies.percentileUs(0.99) }
      },
    },
  }
}
