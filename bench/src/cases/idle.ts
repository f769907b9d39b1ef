import { setTimeout as sleep } from 'node:timers/promises'

import type { BenchContext } from '../bench-case.js'
import { startGateway, type Middle } from '../process/gateway.js'
import { startRelay } from '../process/relays.js'
import { startWorker } from '../process/worker.js'
import { resultOf, type Result, type Rounds } from '../result.js'

/** How many edges one process holds: its limit of open files is not ours to raise. */
const EDGES_PER_PROCESS = 5000

interface Measured {
  readonly bytesPerEdge: number
  readonly cpuPercent: number
  readonly connectsPerSecond: number
  readonly connectsPerCpuSecond: number
}

/** What edges that do nothing cost: memory and CPU of the process that holds them. They are raw links, and ping. */
export async function idle(context: BenchContext): Promise<Result[]> {
  const { plan, profile } = context.options
  const relay: Measured[] = []
  const gateway: Measured[] = []
  for (let round = 0; round < plan.idleRounds; round++) {
    context.say(`${plan.idleEdges} idle edges, round ${round + 1} of ${plan.idleRounds}`)
    // A process that has held edges before has its heap already: each round needs new ones.
    relay.push(await measure(context, await startRelay('relay', profile), true))
    gateway.push(await measure(context, await startGateway('gateway-idle', profile), false))
  }
  const params = { by: 'raw', edges: plan.idleEdges, idleMs: plan.idleMs }
  return (['relay', 'gateway'] as const).flatMap((through) => {
    const own = through === 'relay' ? relay : gateway
    const ceiling = through === 'relay' ? undefined : relay
    const what = (name: string, unit: string): Pick<Result, 'name' | 'params' | 'unit'> => ({ name, params: { through, ...params }, unit })
    return [
      resultOf(what('idle-memory', 'bytes/edge'), memory(own), ceiling && memory(ceiling)),
      resultOf(what('idle-cpu', '%'), { values: own.map(({ cpuPercent }) => cpuPercent) }),
      resultOf(what('connects', 'connects/s'), connects(own), ceiling && connects(ceiling)),
    ]
  })
}

function memory(rounds: readonly Measured[]): Rounds {
  return { values: rounds.map(({ bytesPerEdge }) => bytesPerEdge) }
}

function connects(rounds: readonly Measured[]): Rounds {
  return {
    values: rounds.map(({ connectsPerSecond }) => connectsPerSecond),
    perCpuSecond: rounds.map(({ connectsPerCpuSecond }) => connectsPerCpuSecond),
  }
}

async function measure(context: BenchContext, middle: Middle, bare: boolean): Promise<Measured> {
  const { idleEdges, idleMs } = context.options.plan
  context.own(middle.child)
  const counts = Array.from({ length: Math.ceil(idleEdges / EDGES_PER_PROCESS) }, (_, index) => Math.min(EDGES_PER_PROCESS, idleEdges - index * EDGES_PER_PROCESS))
  const holders = await Promise.all(counts.map(() => startWorker('raw-caller')))
  for (const { child } of holders) context.own(child)

  const before = await middle.child.usage()
  const startedAt = performance.now()
  for (const [index, holder] of holders.entries()) await holder.ask('connect', { port: middle.edgePort, edges: counts[index]!, size: 0, bare })
  const connectSeconds = (performance.now() - startedAt) / 1000
  const connected = await middle.child.usage()
  await sleep(idleMs)
  const after = await middle.child.usage()

  await Promise.all([middle.child.stop(), ...holders.map(({ child }) => child.stop())])
  return {
    bytesPerEdge: (after.rssBytes - before.rssBytes) / idleEdges,
    cpuPercent: ((after.cpuSeconds - connected.cpuSeconds) / (idleMs / 1000)) * 100,
    connectsPerSecond: idleEdges / connectSeconds,
    connectsPerCpuSecond: idleEdges / (connected.cpuSeconds - before.cpuSeconds),
  }
}
