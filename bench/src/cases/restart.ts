import { setTimeout as sleep } from 'node:timers/promises'

import type { BenchContext } from '../bench-case.js'
import { restartGateway, startGateway, type GatewayChild } from '../process/gateway.js'
import { startWorker, type Worker } from '../process/worker.js'
import { resultOf, type Result } from '../result.js'

/** How many edges one process holds: its limit of open files is not ours to raise, and edges of the SDK take memory. */
const EDGES_PER_PROCESS = 7500
const PROBING_EDGES = 16
/** A gateway that is told to stop gives its ports up at once, and serves its edges a while longer: so long is waited before the next one is started. */
const PORTS_MS = 200
/** Everybody has been online for so long before the gateway goes. */
const CALM_MS = 1000

interface Ends {
  readonly holders: readonly Worker<'idle-edges'>[]
  readonly prober: Worker<'prober'>
}

/**
 * A gateway goes, killed or told to stop, and another one starts at its place at once: how long it takes until all edges are back, and how fast calls of
 * those who are back already are meanwhile. Edges and service are of the SDK, with its defaults.
 */
export async function restart(context: BenchContext): Promise<Result[]> {
  const { restartEdges } = context.options.plan
  let gateway = await startGateway('gateway-restart-0', context.options.profile)
  context.own(gateway.child)
  context.say(`${restartEdges} edges connect, and lose their gateway twice`)
  const ends = await startEnds(context, gateway)
  const results: Result[] = []
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const params = { through: 'gateway', by: 'sdk', edges: restartEdges, signal }
    await sleep(CALM_MS)
    const measured = await measure(context, gateway, ends, signal)
    gateway = measured.gateway
    results.push(
      resultOf({ name: 'restart-back', params, unit: 's' }, { values: [measured.backSeconds] }),
      resultOf({ name: 'restart-down', params, unit: 's' }, { values: [measured.downSeconds] }),
      resultOf({ name: 'restart-p50', params, unit: 'ms' }, { values: [measured.p50Us / 1000] }),
      resultOf({ name: 'restart-p99', params, unit: 'ms' }, { values: [measured.p99Us / 1000] }),
    )
  }
  await Promise.all(ends.holders.map(({ child }) => child.stop()))
  return results
}

interface Measured {
  readonly gateway: GatewayChild
  /** From the signal until every edge was online again. */
  readonly backSeconds: number
  /** From the signal until the new gateway listened. */
  readonly downSeconds: number
  readonly p50Us: number
  readonly p99Us: number
}

async function measure(context: BenchContext, old: GatewayChild, { holders, prober }: Ends, signal: 'SIGKILL' | 'SIGTERM'): Promise<Measured> {
  await Promise.all(holders.map((holder) => holder.ask('expectLoss')))
  const signalledAt = Date.now()
  const ended = old.child.end(signal)
  await (signal === 'SIGKILL' ? ended : sleep(PORTS_MS))
  const gateway = await restartGateway(`gateway-restart-${signal}`, old, context.options.profile)
  context.own(gateway.child)
  const listenedAt = Date.now()
  await prober.ask('start')
  const backAt = await Promise.all(holders.map((holder) => holder.ask('back')))
  const { p50Us, p99Us } = await prober.ask('stop')
  await ended
  return { gateway, backSeconds: (Math.max(...backAt) - signalledAt) / 1000, downSeconds: (listenedAt - signalledAt) / 1000, p50Us, p99Us }
}

async function startEnds(context: BenchContext, { servicePort, edgePort }: GatewayChild): Promise<Ends> {
  const { restartEdges } = context.options.plan
  const count = Math.ceil(restartEdges / EDGES_PER_PROCESS)
  const [service, prober, ...holders] = await Promise.all([startWorker('sdk-responder'), startWorker('prober'), ...Array.from({ length: count }, () => startWorker('idle-edges'))])
  for (const { child } of [service, prober, ...holders]) context.own(child)
  // They stand for 15,000 machines: what these do to come back must not keep gateway, caller and service from a processor of theirs.
  for (const { child } of holders) child.giveWay()
  await service.ask('connect', { port: servicePort, role: 'service', links: 1, kind: 'call', names: 1, bare: false })
  await prober.ask('connect', { port: edgePort, edges: PROBING_EDGES, size: 0, bare: false })
  await Promise.all(holders.map((holder, index) => holder.ask('connect', { port: edgePort, edges: Math.min(EDGES_PER_PROCESS, restartEdges - index * EDGES_PER_PROCESS), size: 0, bare: false })))
  return { holders, prober }
}
