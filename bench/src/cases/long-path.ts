import { setTimeout as sleep } from 'node:timers/promises'

import { alternate, type Contender } from '../alternate.js'
import type { BenchContext } from '../bench-case.js'
import type { Middle } from '../process/gateway.js'
import { startBareSplice } from '../process/relays.js'
import { startWorker, type Worker } from '../process/worker.js'
import { resultOf, type Result, type Rounds } from '../result.js'
import { CHUNK_BYTES, cpuSecondsOf, startStreamEnds } from './stream-ends.js'

const MB = 1e6
const ONE_WAY_MS = 50
/** How far the window of a stream grows (`maxWindowBytes` of `@frontier/mux`). */
const WINDOW_BYTES = 8 * 1024 * 1024

/** What both kinds of ends can do. */
type End = Pick<Worker<'raw-stream-end'>, 'ask'>

/** One way of sending over the long path, which lies between the edge and what is in the middle. */
interface Party {
  readonly through: 'splice' | 'gateway'
  readonly by: 'raw' | 'sdk'
  readonly direction: 'edge-to-service' | 'service-to-edge'
  readonly middle: Middle
  readonly path: Worker<'slow-path'>
  readonly source: End
  readonly sink: End
  readonly edgeId: string | undefined
}

interface Measured {
  readonly megabytes: number
  readonly seconds: number
  readonly cpuSeconds: number
}

/** One stream between a service and an edge that is 100 ms away, there and back; a splice of bare sockets beside it. */
export async function longPath(context: BenchContext): Promise<Result[]> {
  const { rounds: roundCount, longPathMegabits } = context.options.plan.streams
  if (longPathMegabits.length === 0) return []
  const parties = [await startSplice(context), ...(await startGatewayParties(context))]
  const results: Result[] = []
  for (const megabits of longPathMegabits) {
    context.say(`a stream over a path of ${ONE_WAY_MS * 2} ms${megabits === 0 ? '' : ` and ${megabits} Mbit/s`}`)
    const rounds = await alternate(
      parties.map((party): Contender<Measured> => ({ round: (isWarmUp) => send(party, context.options.plan.streams, megabits, isWarmUp) })),
      roundCount,
    )
    results.push(...parties.flatMap((party, index) => resultsOf(party, megabits, rounds[index]!, rounds[0]!)))
  }
  return results
}

function resultsOf({ through, by, direction }: Party, megabits: number, rounds: readonly Measured[], splice: readonly Measured[]): Result[] {
  const params = { through, by, direction, rttMs: ONE_WAY_MS * 2, megabits }
  const unit = 'MB/s'
  if (through === 'splice') return [resultOf({ name: 'long-path', params, unit }, speed(rounds))]
  const window: Rounds = { values: rounds.map(() => WINDOW_BYTES / MB / ((ONE_WAY_MS * 2) / 1000)) }
  return [
    resultOf({ name: 'long-path', params, unit }, speed(rounds), speed(splice)),
    // With no other limit, the window is one.
    ...(megabits === 0 ? [resultOf({ name: 'long-path-window', params, unit }, speed(rounds), window)] : []),
  ]
}

function speed(rounds: readonly Measured[]): Rounds {
  return {
    values: rounds.map(({ megabytes, seconds }) => megabytes / seconds),
    perCpuSecond: rounds.map(({ megabytes, cpuSeconds }) => megabytes / cpuSeconds),
  }
}

async function send(party: Party, plan: BenchContext['options']['plan']['streams'], megabits: number, isWarmUp: boolean): Promise<Measured> {
  const { middle, path, source, sink, edgeId } = party
  await path.ask('lead', { port: middle.edgePort, oneWayMs: ONE_WAY_MS, bytesPerSecond: megabits === 0 ? null : (megabits * MB) / 8 })
  await source.ask('pour', { streams: 1, chunkBytes: CHUNK_BYTES, edgeId })
  await sleep(isWarmUp ? plan.rampMs : plan.longRampMs)
  const { outcome, cpuSeconds } = await cpuSecondsOf(middle, () => sink.ask('taken', { ms: isWarmUp ? plan.rampMs : plan.ms }))
  await source.ask('stop')
  await sleep(plan.rampMs)
  return { megabytes: outcome.bytes.reduce((sum, each) => sum + each, 0) / MB, seconds: outcome.seconds, cpuSeconds }
}

async function startSplice(context: BenchContext): Promise<Party> {
  const [middle, sink, source, path] = await Promise.all([
    startBareSplice(context.options.profile),
    startWorker('raw-stream-end'),
    startWorker('raw-stream-end'),
    startPath(context),
  ])
  for (const { child } of [middle, sink, source]) context.own(child)
  await path.ask('lead', { port: middle.edgePort, oneWayMs: ONE_WAY_MS, bytesPerSecond: null })
  await sink.ask('connect', { port: middle.servicePort, as: 'service', edges: 1 })
  await source.ask('connect', { port: path.info.port, as: 'edge', edges: 1 })
  return { through: 'splice', by: 'raw', direction: 'edge-to-service', middle, path, source, sink, edgeId: undefined }
}

/** One gateway and one edge, in both directions. */
async function startGatewayParties(context: BenchContext): Promise<Party[]> {
  const path = await startPath(context)
  const { gateway, service, edge, edgeId } = await startStreamEnds(context, 'gateway-long-path', 1, async (port) => {
    await path.ask('lead', { port, oneWayMs: ONE_WAY_MS, bytesPerSecond: null })
    return path.info.port
  })
  const common = { through: 'gateway', by: 'sdk', middle: gateway, path, edgeId } as const
  return [
    { ...common, direction: 'edge-to-service', source: edge, sink: service },
    { ...common, direction: 'service-to-edge', source: service, sink: edge },
  ]
}

async function startPath(context: BenchContext): Promise<Worker<'slow-path'>> {
  const path = await startWorker('slow-path')
  context.own(path.child)
  return path
}
