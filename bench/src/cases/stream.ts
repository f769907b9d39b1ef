import { alternate, type Contender } from '../alternate.js'
import type { BenchContext } from '../bench-case.js'
import { startGateway, type Middle } from '../process/gateway.js'
import { startRelay } from '../process/relays.js'
import { startWorker, type Worker } from '../process/worker.js'
import { resultOf, type Result, type Rounds } from '../result.js'

const CHUNK_BYTES = 32 * 1024
const MB = 1e6

interface Party {
  readonly through: 'splice' | 'gateway'
  readonly by: 'raw' | 'sdk'
  readonly middle: Middle
  readonly source: Worker<'raw-source' | 'sdk-source'>
  readonly sink: Worker<'raw-sink' | 'sdk-sink'>
}

interface Measured {
  readonly megabytes: number
  readonly seconds: number
  readonly cpuSeconds: number
}

/** One stream from an edge to a service with the SDKs, beside a splice of two bare sockets. */
export async function stream(context: BenchContext): Promise<Result[]> {
  const { plan, profile } = context.options
  const parties = await Promise.all([
    startParty(context, 'splice', startRelay('splice', profile)),
    startParty(context, 'gateway', startGateway('gateway-stream', profile)),
  ])
  context.say(`a stream of ${Math.round(plan.streamBytes / MB)} MB, written in pieces of ${CHUNK_BYTES} B`)
  const rounds = await alternate(
    parties.map((party): Contender<Measured> => ({ round: (isWarmUp) => send(party, isWarmUp ? plan.streamWarmUpBytes : plan.streamBytes) })),
    plan.streamRounds,
  )
  return parties.map(({ through, by }, index) =>
    resultOf(
      { name: 'stream', params: { through, by, bytes: plan.streamBytes, chunkBytes: CHUNK_BYTES }, unit: 'MB/s' },
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

async function send({ middle, source, sink }: Party, bytes: number): Promise<Measured> {
  await sink.ask('expect', { port: middle.servicePort, bytes })
  const before = await middle.child.usage()
  const { seconds } = await source.ask('send', { port: middle.edgePort, bytes, chunkBytes: CHUNK_BYTES })
  const after = await middle.child.usage()
  return { megabytes: bytes / MB, seconds, cpuSeconds: after.cpuSeconds - before.cpuSeconds }
}

async function startParty(context: BenchContext, through: Party['through'], starting: Promise<Middle>): Promise<Party> {
  const by = through === 'splice' ? 'raw' : 'sdk'
  const [middle, sink, source] = await Promise.all([starting, startWorker(`${by}-sink`), startWorker(`${by}-source`)])
  for (const { child } of [middle, sink, source]) context.own(child)
  return { through, by, middle, source, sink }
}
