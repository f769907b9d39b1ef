import { setTimeout as sleep } from 'node:timers/promises'

import { alternate, type Contender } from '../alternate.js'
import type { BenchContext } from '../bench-case.js'
import { resultOf, type Result } from '../result.js'
import { CHUNK_BYTES, cpuSecondsOf, startStreamEnds, type StreamEnds } from './stream-ends.js'

const AT_A_TIME = [1, 32] as const

interface Churned {
  readonly perSecond: number
  readonly perCpuSecond: number
}

/** Streams opened and closed, and how evenly many streams share what there is: with the SDKs, from edges to a service. */
export async function streams(context: BenchContext): Promise<Result[]> {
  return [...(await measureChurn(context)), ...(await measureShares(context))]
}

async function measureChurn(context: BenchContext): Promise<Result[]> {
  const { rounds, ms } = context.options.plan.streams
  const ends = await startStreamEnds(context, 'gateway-churn')
  context.say(`streams opened and closed, ${AT_A_TIME.join(' and ')} at a time`)
  const contenders = AT_A_TIME.map((inFlight): Contender<Churned> => ({ round: () => churn(ends, inFlight, ms) }))
  const outcomes = await alternate(contenders, rounds)
  return AT_A_TIME.map((inFlight, index) =>
    resultOf(
      { name: 'streams', params: { through: 'gateway', by: 'sdk', direction: 'edge-to-service', edges: 1, inFlight }, unit: 'streams/s' },
      { values: outcomes[index]!.map(({ perSecond }) => perSecond), perCpuSecond: outcomes[index]!.map(({ perCpuSecond }) => perCpuSecond) },
    ),
  )
}

async function churn({ gateway, edge }: StreamEnds, inFlight: number, ms: number): Promise<Churned> {
  const { outcome, cpuSeconds } = await cpuSecondsOf(gateway, () => edge.ask('churn', { inFlight, ms }))
  return { perSecond: outcome.streams / outcome.seconds, perCpuSecond: outcome.streams / cpuSeconds }
}

async function measureShares(context: BenchContext): Promise<Result[]> {
  const { rounds, sharingStreams, sharingEdges } = context.options.plan.streams
  const parties = await Promise.all(sharingEdges.map((edges) => startStreamEnds(context, `gateway-shares-${edges}`, edges)))
  context.say(`${sharingStreams} streams at once, of ${sharingEdges.join(' and ')} edges`)
  const outcomes = await alternate(
    parties.map((ends): Contender<number> => ({ round: (isWarmUp) => share(ends, context.options.plan.streams, isWarmUp) })),
    rounds,
  )
  return sharingEdges.map((edges, index) => {
    const params = { through: 'gateway', by: 'sdk', direction: 'edge-to-service', edges, streams: sharingStreams }
    return resultOf({ name: 'streams-slowest', params, unit: 'of the mean' }, { values: outcomes[index]! })
  })
}

/** What the slowest stream has got, as a part of the mean. */
async function share({ service, edge }: StreamEnds, { ms, rampMs, sharingStreams }: BenchContext['options']['plan']['streams'], isWarmUp: boolean): Promise<number> {
  await edge.ask('pour', { streams: sharingStreams, chunkBytes: CHUNK_BYTES })
  await sleep(rampMs)
  const { bytes } = await service.ask('taken', { ms: isWarmUp ? rampMs : ms * 2 })
  await edge.ask('stop')
  await sleep(rampMs)
  const mean = bytes.reduce((sum, each) => sum + each, 0) / sharingStreams
  return bytes.length < sharingStreams ? 0 : Math.min(...bytes) / mean
}
