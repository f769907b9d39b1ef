import { alternate, type Contender } from '../alternate.js'
import type { BenchContext } from '../bench-case.js'
import type { CallLoad, CallOutcome } from '../load.js'
import { startGateway, type Middle } from '../process/gateway.js'
import { startReferenceRelay, startRelay } from '../process/relays.js'
import { startWorker, type Worker } from '../process/worker.js'
import { resultOf, type Result, type Rounds } from '../result.js'

/** One way of calling through a relay or gateway. */
interface Party {
  readonly through: 'relay' | 'gateway' | 'reference'
  readonly by: 'raw' | 'sdk'
  readonly middle: Middle
  readonly caller: Worker<'raw-caller' | 'sdk-caller'>
}

interface Variant {
  readonly edges: number
  readonly inFlight: number
  readonly size: number
}

/** A round, and what the process in the middle used for it. */
interface Measured extends CallOutcome {
  readonly cpuSeconds: number
}

/** Calls from edges to one service that echoes. */
export async function calls(context: BenchContext): Promise<Result[]> {
  const { plan } = context.options
  const parties = await startParties(context)
  const variants: Variant[] = [
    { edges: 1, inFlight: 1, size: 64 },
    { edges: 1, inFlight: 512, size: 64 },
    { edges: plan.manyEdges, inFlight: 1, size: 64 },
  ]
  const results: Result[] = []
  for (const variant of variants) {
    context.say(`calls of ${variant.size} B: ${variant.edges} edge${variant.edges === 1 ? '' : 's'}, ${variant.inFlight} in flight`)
    results.push(...(await measure(context, parties, variant)))
  }
  return results
}

async function measure(context: BenchContext, parties: readonly Party[], variant: Variant): Promise<Result[]> {
  const { plan } = context.options
  const { edges, inFlight, size } = variant
  for (const { caller, middle, through } of parties) {
    await caller.ask('connect', { port: middle.edgePort, edges, size, bare: through !== 'gateway' })
  }
  const contenders = parties.map(
    (party): Contender<Measured> => ({
      round: (isWarmUp) => measureRound(party, { inFlight, durationMs: isWarmUp ? plan.warmUpMs : plan.callMs }),
    }),
  )
  const rounds = await alternate(contenders, plan.callRounds)
  for (const { caller } of parties) await caller.ask('disconnect')
  return parties.flatMap((party, index) => resultsOf(party, variant, rounds[index]!, rounds[0]!))
}

async function measureRound({ middle, caller }: Party, load: CallLoad): Promise<Measured> {
  const before = await middle.child.usage()
  const outcome = await caller.ask('run', load)
  const after = await middle.child.usage()
  return { ...outcome, cpuSeconds: after.cpuSeconds - before.cpuSeconds }
}

function resultsOf({ through, by }: Party, variant: Variant, rounds: readonly Measured[], ceiling: readonly Measured[]): Result[] {
  const params = { through, by, direction: 'edge-to-service', ...variant }
  const speed = (of: readonly Measured[]): Rounds => ({
    values: of.map(({ calls, seconds }) => calls / seconds),
    perCpuSecond: of.map(({ calls, cpuSeconds }) => calls / cpuSeconds),
  })
  const latency = (of: readonly Measured[], key: 'p50Us' | 'p99Us'): Rounds => ({ values: of.map((round) => round[key]) })
  const other = ceiling === rounds ? undefined : ceiling
  return [
    resultOf({ name: 'calls', params, unit: 'calls/s' }, speed(rounds), other && speed(other)),
    resultOf({ name: 'calls-p50', params, unit: 'us' }, latency(rounds, 'p50Us'), other && latency(other, 'p50Us')),
    resultOf({ name: 'calls-p99', params, unit: 'us' }, latency(rounds, 'p99Us'), other && latency(other, 'p99Us')),
  ]
}

/** The bare relay is first: the others are compared with it. */
async function startParties(context: BenchContext): Promise<Party[]> {
  const { profile, reference } = context.options
  const relay = { through: 'relay', by: 'raw' } as const
  const raw = { through: 'gateway', by: 'raw' } as const
  const sdk = { through: 'gateway', by: 'sdk' } as const
  const other = { through: 'reference', by: 'raw' } as const
  return Promise.all([
    startParty(context, relay, startRelay('relay', profile)),
    startParty(context, raw, startGateway('gateway-raw', profile)),
    startParty(context, sdk, startGateway('gateway-sdk', profile)),
    ...(reference === undefined ? [] : [startParty(context, other, startReferenceRelay(reference, profile))]),
  ])
}

async function startParty(context: BenchContext, { through, by }: Pick<Party, 'through' | 'by'>, starting: Promise<Middle>): Promise<Party> {
  const [middle, responder, caller] = await Promise.all([starting, startWorker(`${by}-responder`), startWorker(`${by}-caller`)])
  for (const { child } of [middle, responder, caller]) context.own(child)
  await responder.ask('connect', { port: middle.servicePort, bare: through !== 'gateway' })
  return { through, by, middle, caller }
}
