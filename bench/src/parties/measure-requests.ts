import { alternate, type Contender } from '../alternate.js'
import type { BenchContext } from '../bench-case.js'
import type { RequestLoad, RequestOutcome, RequestSetup } from '../request-load.js'
import { resultOf, type Result, type Rounds } from '../result.js'
import type { Middle } from '../process/gateway.js'
import type { Worker } from '../process/worker.js'
import { connectParty, disconnectParty, type Party } from './party.js'

/** How often and how long. */
export interface RoundPlan {
  readonly rounds: number
  readonly roundMs: number
  /** What is thrown away before the first round. */
  readonly warmUpMs: number
}

/** A load without its duration. */
export type Load = Omit<RequestLoad, 'durationMs'>

/** A round, and what the process in the middle used for it. */
export interface Measured extends RequestOutcome {
  readonly cpuSeconds: number
}

/** The rounds of one party under one load. */
export interface Measurement {
  readonly party: Party
  readonly load: Load
  readonly rounds: readonly Measured[]
  /** Those of the first party, the ceiling; undefined for its own. */
  readonly ceiling: readonly Measured[] | undefined
}

/** Connects all parties, has them take turns under each load, and disconnects them. The first party is what the others are compared with. */
export async function measureRequests(
  context: BenchContext,
  parties: readonly Party[],
  setup: RequestSetup,
  { loads, plan }: { loads: readonly Load[]; plan: RoundPlan },
): Promise<Measurement[]> {
  for (const party of parties) await connectParty(party, setup)
  const measurements: Measurement[] = []
  for (const load of loads) {
    context.say(`${setup.kind}s ${setup.direction}, ${load.size} B, ${load.inFlight} in flight: ${counted(setup.edges, 'edge')}, ${counted(setup.names, 'name')}`)
    const contenders = parties.map(
      (party): Contender<Measured> => ({ round: (isWarmUp) => measureRound(party, { ...load, durationMs: isWarmUp ? plan.warmUpMs : plan.roundMs }) }),
    )
    const rounds = await alternate(contenders, plan.rounds)
    measurements.push(...parties.map((party, index) => ({ party, load, rounds: rounds[index]!, ceiling: index === 0 ? undefined : rounds[0] })))
  }
  for (const party of parties) await disconnectParty(party, setup)
  return measurements
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** What a round needs: who is asked for it, and whose CPU counts. */
export interface RoundEnds {
  readonly middle: Pick<Middle, 'child'>
  readonly requester: Worker<`${Party['by']}-requester`> | Worker<'broker-publisher'>
}

/** One round of a party. */
export async function measureRound({ middle, requester }: RoundEnds, load: RequestLoad): Promise<Measured> {
  const before = await middle.child.usage()
  const outcome = await requester.ask('run', load)
  const after = await middle.child.usage()
  return { ...outcome, cpuSeconds: after.cpuSeconds - before.cpuSeconds }
}

/** Requests per second and per CPU-second of the middle, p50 and p99, as figures called `name`. */
export function requestResults(name: string, setup: RequestSetup, { party, load, rounds, ceiling }: Measurement): Result[] {
  const params = paramsOf(party, setup, load)
  const unit = `${setup.kind}s/s`
  return [
    resultOf({ name, params, unit }, speed(rounds), ceiling && speed(ceiling)),
    resultOf({ name: `${name}-p50`, params, unit: 'us' }, latency(rounds, 'p50Us'), ceiling && latency(ceiling, 'p50Us')),
    resultOf({ name: `${name}-p99`, params, unit: 'us' }, latency(rounds, 'p99Us'), ceiling && latency(ceiling, 'p99Us')),
  ]
}

/** What stands beside a figure of requests. `inFlight` is the sum over all edges. */
function paramsOf({ through, by }: Party, { direction, edges }: RequestSetup, { size, inFlight }: Load): Result['params'] {
  return { through, by, direction, edges, inFlight, size }
}

/** CPU time of the middle for each request, in microseconds. */
export function cpuPerRequest(rounds: readonly Measured[]): Rounds {
  return { values: rounds.map(({ requests, cpuSeconds }) => (cpuSeconds / requests) * 1e6), perCpuSecond: speed(rounds).perCpuSecond! }
}

function speed(rounds: readonly Measured[]): Rounds {
  return {
    values: rounds.map(({ requests, seconds }) => requests / seconds),
    perCpuSecond: rounds.map(({ requests, cpuSeconds }) => requests / cpuSeconds),
  }
}

function latency(rounds: readonly Measured[], key: 'p50Us' | 'p99Us'): Rounds {
  return { values: rounds.map((round) => round[key]) }
}
