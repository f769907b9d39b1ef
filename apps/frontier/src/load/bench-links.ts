import { randomBytes } from 'node:crypto'

import { connectEdge, type Edge, type Stream } from '@frontier/edge'
import { connectService, type Service } from '@frontier/service'

import type { BenchPlan } from './bench-plan.js'

/** One service and its edges, connected for a load, which answer what they are asked. */
export interface BenchLinks extends Disposable {
  readonly service: Service
  readonly edges: readonly Edge[]
  /** A method and a topic that nobody else has. */
  readonly name: string
}

/** Dials an edge that answers calls with what they carry, acknowledges messages and reads streams to their end. */
export function dialEdge(plan: BenchPlan, signal: AbortSignal, name: string): Promise<Edge> {
  return connectEdge(plan.edgebound, {
    ...linkOptions(plan, plan.edgeToken, signal),
    methods: { [name]: (request) => request.data },
    onMessage: () => undefined,
    onStream: readAll,
  })
}

/** Dials the service and all edges of `plan`. Rejects when one cannot be had; those before are closed. */
export async function openBenchLinks(plan: BenchPlan, signal: AbortSignal): Promise<BenchLinks> {
  const name = `frontier-bench-${randomBytes(6).toString('hex')}`
  const service = await connectService(plan.servicebound, {
    ...linkOptions(plan, plan.serviceToken, signal),
    name,
    topics: [name],
    methods: { [name]: (request) => request.data },
    onMessage: () => undefined,
    onStream: readAll,
  })
  const edges: Edge[] = []
  const close = (): void => {
    for (const end of [service, ...edges]) end.abort()
  }
  try {
    for (let left = plan.edges; left > 0; left -= plan.concurrency) {
      const some = await Promise.allSettled(Array.from({ length: Math.min(left, plan.concurrency) }, () => dialEdge(plan, signal, name)))
      edges.push(...some.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
      const failed = some.find((one) => one.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    }
  } catch (error) {
    close()
    throw error
  }
  return { service, edges, name, [Symbol.dispose]: close }
}

function linkOptions(plan: BenchPlan, token: string | undefined, signal: AbortSignal) {
  return {
    labels: { 'frontier-bench': '1' },
    // A link that is lost is to be seen, not mended.
    reconnect: false as const,
    connectTimeoutMs: plan.timeoutMs,
    firstConnectTimeoutMs: plan.timeoutMs,
    timeoutMs: plan.timeoutMs,
    ...(token === undefined ? {} : { token }),
    ...(Object.keys(plan.tls).length === 0 ? {} : { tls: plan.tls }),
    signal,
  }
}

async function readAll(stream: Stream): Promise<void> {
  for await (const _ of stream);
  await stream.closeWrite()
}
