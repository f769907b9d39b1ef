import { setTimeout as sleep } from 'node:timers/promises'

import type { BenchContext } from '../bench-case.js'
import { startGateway, type Middle } from '../process/gateway.js'
import { startRelay } from '../process/relays.js'
import { startWorker } from '../process/worker.js'
import { resultOf, type Result, type Rounds } from '../result.js'

/** How many edges one process holds: its limit of open files is not ours to raise, and edges of the SDK take memory. */
const EDGES_PER_PROCESS = 7500

interface Measured {
  readonly bytesPerEdge: number
  readonly cpuPercent: number
}

/**
 * What edges that do nothing cost: memory and CPU of the process that holds them. The gateway's are of the SDK, with 64 B of meta and two methods, and
 * ping; the relay's are bare sockets.
 */
export async function idle(context: BenchContext): Promise<Result[]> {
  const results: Result[] = []
  for (const { edges, idleMs, rounds } of context.options.plan.idle) results.push(...(await measureAll(context, edges, idleMs, rounds)))
  return results
}

async function measureAll(context: BenchContext, edges: number, idleMs: number, rounds: number): Promise<Result[]> {
  const { profile } = context.options
  const relay: Measured[] = []
  const gateway: Measured[] = []
  for (let round = 0; round < rounds; round++) {
    context.say(`${edges} idle edges, round ${round + 1} of ${rounds}`)
    // A process that has held edges before has its heap already: each round needs new ones. The relay's memory does not change while it idles.
    relay.push(await measure(context, await startRelay('relay', profile), 'raw-caller', { edges, idleMs: Math.min(idleMs, 2000) }))
    gateway.push(await measure(context, await startGateway('gateway-idle', profile), 'idle-edges', { edges, idleMs }))
  }
  return (['relay', 'gateway'] as const).flatMap((through) => {
    const own = through === 'relay' ? relay : gateway
    const ceiling = through === 'relay' ? undefined : relay
    const params = { through, by: through === 'relay' ? 'raw' : 'sdk', edges, idleMs }
    return [
      resultOf({ name: 'idle-memory', params, unit: 'bytes/edge' }, memory(own), ceiling && memory(ceiling)),
      resultOf({ name: 'idle-cpu', params, unit: '%' }, { values: own.map(({ cpuPercent }) => cpuPercent) }),
    ]
  })
}

function memory(rounds: readonly Measured[]): Rounds {
  return { values: rounds.map(({ bytesPerEdge }) => bytesPerEdge) }
}

async function measure(context: BenchContext, middle: Middle, by: 'raw-caller' | 'idle-edges', { edges, idleMs }: { edges: number; idleMs: number }): Promise<Measured> {
  context.own(middle.child)
  const counts = Array.from({ length: Math.ceil(edges / EDGES_PER_PROCESS) }, (_, index) => Math.min(EDGES_PER_PROCESS, edges - index * EDGES_PER_PROCESS))
  const holders = await Promise.all(counts.map(() => startWorker(by)))
  for (const { child } of holders) context.own(child)

  const before = await middle.child.usage()
  await Promise.all(holders.map((holder, index) => holder.ask('connect', { port: middle.edgePort, edges: counts[index]!, size: 0, bare: by === 'raw-caller' })))
  const connected = await middle.child.usage()
  await sleep(idleMs)
  const after = await middle.child.usage()

  // Edges that lose their gateway would seek it.
  await Promise.all(holders.map(({ child }) => child.stop()))
  await middle.child.stop()
  return {
    bytesPerEdge: (after.rssBytes - before.rssBytes) / edges,
    cpuPercent: ((after.cpuSeconds - connected.cpuSeconds) / (idleMs / 1000)) * 100,
  }
}
