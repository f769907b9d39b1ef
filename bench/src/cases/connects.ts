import { setTimeout as sleep } from 'node:timers/promises'

import { alternate, type Contender } from '../alternate.js'
import type { BenchContext } from '../bench-case.js'
import { startGateway, type Middle } from '../process/gateway.js'
import { startRelay } from '../process/relays.js'
import { startWorker } from '../process/worker.js'
import { resultOf, type Result, type Rounds } from '../result.js'

/** Time for a process to do what it owes for the last connections, before its CPU time is read. */
const SETTLE_MS = 50

/** A way of connecting, `hook`: with a service that gives each edge its id. */
interface Party {
  readonly through: 'relay' | 'gateway'
  readonly hook: 'none' | 'get_edge_id'
  connect(): Promise<Measured>
}

interface Measured {
  readonly connects: number
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Connects with the whole handshake, without and with the id hook, against a bare accept. All are raw links of one process. */
export async function connects(context: BenchContext): Promise<Result[]> {
  const { plan } = context.options
  const parties = [await startParty(context, 'relay', 'none'), await startParty(context, 'gateway', 'none'), await startParty(context, 'gateway', 'get_edge_id')]
  context.say(`${plan.connectEdges} connects, ${plan.connectRounds} rounds`)
  const contenders = parties.map((party): Contender<Measured> => ({ round: () => party.connect() }))
  const rounds = await alternate(contenders, plan.connectRounds)
  return parties.map(({ through, hook }, index) => {
    const params = { through, by: 'raw', hook, edges: plan.connectEdges }
    return resultOf({ name: 'connects', params, unit: 'connects/s' }, speed(rounds[index]!), index === 0 ? undefined : speed(rounds[0]!))
  })
}

function speed(rounds: readonly Measured[]): Rounds {
  return {
    values: rounds.map(({ connects, seconds }) => connects / seconds),
    perCpuSecond: rounds.map(({ connects, cpuSeconds }) => connects / cpuSeconds),
  }
}

async function startParty(context: BenchContext, through: Party['through'], hook: Party['hook']): Promise<Party> {
  const { plan, profile } = context.options
  const starting: Promise<Middle> = through === 'relay' ? startRelay('relay', profile) : startGateway(`gateway-connects-${hook}`, profile)
  const [middle, caller] = await Promise.all([starting, startWorker('raw-caller')])
  for (const { child } of [middle, caller]) context.own(child)
  if (hook === 'get_edge_id') {
    const service = await startWorker('id-service')
    context.own(service.child)
    await service.ask('connect', { port: middle.servicePort })
  }
  const connect = async (): Promise<Measured> => {
    const before = await middle.child.usage()
    const startedAt = performance.now()
    await caller.ask('connect', { port: middle.edgePort, edges: plan.connectEdges, size: 0, bare: through === 'relay' })
    const seconds = (performance.now() - startedAt) / 1000
    await sleep(SETTLE_MS)
    const after = await middle.child.usage()
    await caller.ask('disconnect')
    await sleep(SETTLE_MS)
    return { connects: plan.connectEdges, seconds, cpuSeconds: after.cpuSeconds - before.cpuSeconds }
  }
  return { through, hook, connect }
}
