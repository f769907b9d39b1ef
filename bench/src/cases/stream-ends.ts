import type { BenchContext } from '../bench-case.js'
import { startGateway, type Middle } from '../process/gateway.js'
import { startWorker, type Worker } from '../process/worker.js'

/** How much is written to a stream at once. */
export const CHUNK_BYTES: number = 32 * 1024

/** A gateway between a service and edges, whose streams are watched. */
export interface StreamEnds {
  readonly gateway: Middle
  readonly service: Worker<'sdk-stream-end'>
  readonly edge: Worker<'sdk-stream-end'>
  /** The first edge's. */
  readonly edgeId: string
}

/** Starts a gateway and the SDKs on both sides; the edges connect to `port` when it is not the gateway's own. */
export async function startStreamEnds(context: BenchContext, name: string, edges = 1, lead?: (edgePort: number) => Promise<number>): Promise<StreamEnds> {
  const { profile } = context.options
  // The ends, too: most of what a stream costs is theirs.
  const starting = [startGateway(name, profile), startWorker('sdk-stream-end', { profile }), startWorker('sdk-stream-end', { profile })] as const
  const [gateway, service, edge] = await Promise.all(starting)
  for (const { child } of [gateway, service, edge]) context.own(child)
  await service.ask('connect', { port: gateway.servicePort, as: 'service', edges: 0 })
  const port = lead === undefined ? gateway.edgePort : await lead(gateway.edgePort)
  const [edgeId] = await edge.ask('connect', { port, as: 'edge', edges })
  return { gateway, service, edge, edgeId: edgeId! }
}

/** CPU-seconds that `middle` used while something was done. */
export async function cpuSecondsOf<T>(middle: Middle, action: () => Promise<T>): Promise<{ outcome: T; cpuSeconds: number }> {
  const before = await middle.child.usage()
  const outcome = await action()
  const after = await middle.child.usage()
  return { outcome, cpuSeconds: after.cpuSeconds - before.cpuSeconds }
}
