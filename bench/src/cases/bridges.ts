import { setTimeout as sleep } from 'node:timers/promises'

import { alternate, type Contender } from '../alternate.js'
import type { BenchContext, Stoppable } from '../bench-case.js'
import { MAX_WAITING_BYTES, writeBridgeConfig } from '../brokers/bridge-config.js'
import { brokerKinds, type BrokerKind } from '../brokers/broker-kind.js'
import { measureRound, type Load, type Measured } from '../parties/measure-requests.js'
import { missingBroker, startBrokerOf } from '../process/broker.js'
import { startGateway, type Middle } from '../process/gateway.js'
import { startWorker, type Worker } from '../process/worker.js'
import { resultOf, type Result, type Rounds } from '../result.js'

const SIZE = 128
const MB = 1e6
const SAMPLE_MS = 50

/** Who publishes, by what. */
interface Publisher extends Stoppable {
  readonly params: { readonly through: 'client' | 'gateway'; readonly by: 'client' | 'raw' | 'sdk' }
  round(load: Load & { durationMs: number }): Promise<Measured>
}

/** A gateway with a bridge, and edges that publish by raw frames. */
interface RawGateway extends Publisher {
  readonly middle: Middle
  readonly requester: Worker<'raw-requester'>
}

/** Acknowledged messages of many edges into each broker, beside the broker's client library alone; and a gateway whose broker hangs while its edges go on publishing. */
export async function bridges(context: BenchContext): Promise<Result[]> {
  const results: Result[] = []
  for (const kind of brokerKinds) {
    const why = missingBroker(kind)
    if (why === undefined) results.push(...(await measureBroker(context, kind)))
    else context.missing(kind, why)
  }
  return results
}

async function measureBroker(context: BenchContext, kind: BrokerKind): Promise<Result[]> {
  const { edges, inFlight: inFlights, plan } = context.options.plan.bridges
  const broker = await startBrokerOf(kind)
  context.own(broker)
  // The client makes the topic: it comes first.
  const client = await startClient(context, kind, broker.addresses)
  const config = writeBridgeConfig(context, kind, broker.addresses)
  const raw = await startRaw(context, kind, config)
  const publishers: readonly Publisher[] = [client, raw, await startSdk(context, kind, config)]
  const results: Result[] = []
  for (const inFlight of inFlights) {
    const load = { size: SIZE, inFlight }
    context.say(`messages into ${kind}, ${SIZE} B, ${inFlight} in flight: ${edges} edges`)
    const contenders = publishers.map(
      (publisher): Contender<Measured> => ({ round: (isWarmUp) => publisher.round({ ...load, durationMs: isWarmUp ? plan.warmUpMs : plan.roundMs }) }),
    )
    const rounds = await alternate(contenders, plan.rounds)
    for (const [index, { params }] of publishers.entries()) {
      results.push(...speedResults({ broker: kind, ...params, edges, inFlight, size: SIZE }, rounds[index]!, index === 0 ? undefined : rounds[0]))
    }
  }
  results.push(...(await hang(context, kind, broker, raw)))
  // The next broker has the machine for itself; nobody of this one shall see it go.
  await Promise.all(publishers.map((publisher) => publisher.stop()))
  await broker.stop()
  return results
}

/** What hangs. */
interface Hanging {
  pause(): Promise<void>
  resume(): Promise<void>
}

/** The broker is stopped in mid-flow, and edges publish more than may wait. */
async function hang(context: BenchContext, kind: BrokerKind, broker: Hanging, gateway: RawGateway): Promise<Result[]> {
  const { middle, requester } = gateway
  const { edges, inFlight: inFlights, hangMs, floodPerSecond, plan } = context.options.plan.bridges
  const inFlight = inFlights.at(-1)!
  context.say(`${kind} hangs for ${hangMs} ms, ${edges} edges publish ${floodPerSecond} messages/s`)
  const load = { size: SIZE, inFlight, durationMs: plan.roundMs }
  const before = await gateway.round(load)
  const { rssBytes } = await middle.child.usage()
  await requester.ask('floodTopic', { size: SIZE, perSecond: floodPerSecond })
  await broker.pause()
  let mostBytes = rssBytes
  const sample = async (): Promise<void> => {
    mostBytes = Math.max(mostBytes, (await middle.child.usage()).rssBytes)
    await sleep(SAMPLE_MS)
  }
  for (const endsAt = performance.now() + hangMs; performance.now() < endsAt; ) await sample()
  const hangingBytes = mostBytes
  await broker.resume()
  await requester.ask('endFlood')
  const { sent, refused, acknowledged } = await answered(requester, sample)
  const after = await gateway.round(load)
  const params = { broker: kind, through: 'gateway', by: 'raw', edges, size: SIZE, hangMs }
  return [
    resultOf({ name: 'bridges-memory-hanging', params, unit: 'MB' }, { values: [(hangingBytes - rssBytes) / MB] }),
    resultOf({ name: 'bridges-memory', params: { ...params, boundMB: MAX_WAITING_BYTES / MB }, unit: 'MB' }, { values: [(mostBytes - rssBytes) / MB] }),
    resultOf({ name: 'bridges-refused', params, unit: '% of messages' }, { values: [(refused / sent) * 100] }),
    resultOf({ name: 'bridges-kept', params, unit: 'messages' }, { values: [acknowledged] }),
    resultOf({ name: 'bridges-after', params: { ...params, inFlight }, unit: 'messages/s' }, speed([after]), speed([before])),
  ]
}

/** What has become of a flood, once every message is answered. */
async function answered(requester: Worker<'raw-requester'>, sample: () => Promise<void>): Promise<{ sent: number; refused: number; acknowledged: number }> {
  for (;;) {
    const counts = await requester.ask('flooded')
    if (counts.sent === counts.refused + counts.acknowledged) return counts
    await sample()
  }
}

async function startClient(context: BenchContext, kind: BrokerKind, addresses: readonly string[]): Promise<Publisher> {
  const worker = await startWorker('broker-publisher', { profile: context.options.profile })
  context.own(worker.child)
  await worker.ask('connect', { kind, addresses, edges: context.options.plan.bridges.edges })
  const { child } = worker
  return { params: { through: 'client', by: 'client' }, round: (load) => measureRound({ middle: { child }, requester: worker }, load), stop: () => child.stop() }
}

async function startRaw(context: BenchContext, kind: BrokerKind, config: string): Promise<RawGateway> {
  const ends = await Promise.all([startGateway(`gateway-${kind}-raw`, context.options.profile, config), startWorker('raw-requester')])
  return { params: { through: 'gateway', by: 'raw' }, requester: ends[1], ...(await connectEdges(context, ...ends)) }
}

async function startSdk(context: BenchContext, kind: BrokerKind, config: string): Promise<Publisher> {
  const ends = await Promise.all([startGateway(`gateway-${kind}-sdk`, context.options.profile, config), startWorker('sdk-requester')])
  return { params: { through: 'gateway', by: 'sdk' }, ...(await connectEdges(context, ...ends)) }
}

async function connectEdges(context: BenchContext, middle: Middle, requester: Worker<'raw-requester' | 'sdk-requester'>): Promise<Pick<RawGateway, 'middle' | 'round' | 'stop'>> {
  context.own(middle.child)
  context.own(requester.child)
  const { edges } = context.options.plan.bridges
  await requester.ask('connect', { kind: 'message', names: 1, bare: false, role: 'edge', port: middle.edgePort, links: edges, toEdges: [] })
  const stop = async (): Promise<void> => {
    await Promise.all([requester.child.stop(), middle.child.stop()])
  }
  return { middle, round: (load) => measureRound({ middle, requester }, load), stop }
}

function speedResults(params: Result['params'], own: readonly Measured[], ceiling: readonly Measured[] | undefined): Result[] {
  const latency = (of: readonly Measured[], key: 'p50Us' | 'p99Us'): Rounds => ({ values: of.map((round) => round[key]) })
  return [
    resultOf({ name: 'bridges', params, unit: 'messages/s' }, speed(own), ceiling && speed(ceiling)),
    resultOf({ name: 'bridges-p50', params, unit: 'us' }, latency(own, 'p50Us'), ceiling && latency(ceiling, 'p50Us')),
    resultOf({ name: 'bridges-p99', params, unit: 'us' }, latency(own, 'p99Us'), ceiling && latency(ceiling, 'p99Us')),
  ]
}

function speed(rounds: readonly Measured[]): Rounds {
  return {
    values: rounds.map(({ requests, seconds }) => requests / seconds),
    perCpuSecond: rounds.map(({ requests, cpuSeconds }) => requests / cpuSeconds),
  }
}
