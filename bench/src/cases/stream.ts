import { alternate, type Contender } from '../alternate.js'
import type { BenchContext } from '../bench-case.js'
import { startGateway, type Middle } from '../process/gateway.js'
import { startBareSplice } from '../process/relays.js'
import { startWorker, type Worker } from '../process/worker.js'
import { resultOf, type Result, type Rounds } from '../result.js'
import { CHUNK_BYTES, cpuSecondsOf } from './stream-ends.js'

const MB = 1e6

interface Party {
  readonly through: 'splice' | 'gateway'
  readonly by: 'raw' | 'sdk'
  readonly direction: 'edge-to-service' | 'service-to-edge'
  readonly middle: Middle
  readonly source: Worker<'raw-source' | 'sdk-source'>
  readonly sink: Worker<'raw-sink' | 'sdk-sink'>
}

interface Measured {
  readonly megabytes: number
  readonly seconds: number
  readonly cpuSeconds: number
}

/** One stream between an edge and a service with the SDKs, beside a splice of two bare sockets. */
export async function stream(context: BenchContext): Promise<Result[]> {
  const { plan, profile } = context.options
  const parties = await Promise.all([
    startParty(context, { through: 'splice', by: 'raw', direction: 'edge-to-service' }, startBareSplice(profile)),
    startParty(context, { through: 'gateway', by: 'sdk', direction: 'edge-to-service' }, startGateway('gateway-stream', profile)),
    startParty(context, { through: 'gateway', by: 'sdk', direction: 'service-to-edge' }, startGateway('gateway-stream-to-edge', profile)),
  ])
  context.say(`a stream of ${Math.round(plan.streamBytes / MB)} MB, written in pieces of ${CHUNK_BYTES} B`)
  const rounds = await alternate(
    parties.map((party): Contender<Measured> => ({ round: (isWarmUp) => send(party, isWarmUp ? plan.streamWarmUpBytes : plan.streamBytes) })),
    plan.streamRounds,
  )
  return parties.map(({ through, by, direction }, index) =>
    resultOf(
      { name: 'stream', params: { through, by, direction, bytes: plan.streamBytes, chunkBytes: CHUNK_BYTES }, unit: 'MB/s' },
      speed(rounds[index]!),
      index === 0 ? undefined : speed(rounds[0]!),
    ),
  )
}

function speed(rounds: readonly Measured[]): Rounds {
  return {
    values: rounds.map(({ megabytes, seconds }) => megabytes / seconds),
    perCpuSecond: rounds.map(({ megabytes, cpuSeconds }) => megabytes / cpuSeconds),
  }
}

async function send({ direction, middle, source, sink }: Party, bytes: number): Promise<Measured> {
  const isToEdge = direction === 'service-to-edge'
  const [sourcePort, sinkPort] = isToEdge ? [middle.servicePort, middle.edgePort] : [middle.edgePort, middle.servicePort]
  const edgeId = await sink.ask('expect', { port: sinkPort, bytes, as: isToEdge ? 'edge' : undefined })
  const { outcome, cpuSeconds } = await cpuSecondsOf(middle, () =>
    source.ask('send', { port: sourcePort, edgeId: edgeId ?? undefined, bytes, chunkBytes: CHUNK_BYTES }),
  )
  return { megabytes: bytes / MB, seconds: outcome.seconds, cpuSeconds }
}

async function startParty(context: BenchContext, who: Pick<Party, 'through' | 'by' | 'direction'>, starting: Promise<Middle>): Promise<Party> {
  const { by } = who
  const [middle, sink, source] = await Promise.all([starting, startWorker(`${by}-sink`), startWorker(`${by}-source`)])
  for (const { child } of [middle, sink, source]) context.own(child)
  return { ...who, middle, source, sink }
}
