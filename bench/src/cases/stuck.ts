import { alternate } from '../alternate.js'
import type { BenchContext } from '../bench-case.js'
import { measureRound, type Measured } from '../parties/measure-requests.js'
import { startGateway, type Middle } from '../process/gateway.js'
import { startWorker, type Worker } from '../process/worker.js'
import type { EndTarget } from '../request-load.js'
import { resultOf, type Result, type Rounds } from '../result.js'

const SIZE = 64
/** Calls in flight to everybody else: few, so that what is measured is the wait for others and not for one another. */
const IN_FLIGHT = 32
/** Messages to one edge in a hundred: 16 MB/s. */
const FLOOD = { size: 8192, perSecond: 2000 }
/** What the gateway queues toward an edge before it refuses requests toward it, unless it is told otherwise. */
const QUEUE_MARK_BYTES = 1_048_576
const MB = 1e6

interface Scene {
  readonly middle: Middle
  readonly requester: Worker<'raw-requester'>
  /** Before the flood. */
  readonly rssBytes: number
}

/**
 * A service that calls all edges in turn and publishes to one in a hundred of them beside. At one gateway these read, at another they have stopped: the
 * others must not notice, and the gateway must not grow beyond its limits.
 */
export async function stuck(context: BenchContext): Promise<Result[]> {
  const { stuckPlan: plan, stuckEdges: edges } = context.options.plan
  const stuckCount = Math.ceil(edges / 100)
  context.say(`${edges} edges, ${stuckCount} of them do not read`)
  const scenes = [await startScene(context, 'reading', stuckCount), await startScene(context, 'stuck', stuckCount)] as const
  const contenders = scenes.map(({ middle, requester }) => ({
    round: (isWarmUp: boolean) => measureRound({ middle, requester }, { size: SIZE, inFlight: IN_FLIGHT, durationMs: isWarmUp ? plan.warmUpMs : plan.roundMs }),
  }))
  const [reading, beside] = await alternate(contenders, plan.rounds)
  const [readingGrowth, growth] = await Promise.all(scenes.map(({ middle, rssBytes }) => middle.child.usage().then((usage) => (usage.rssBytes - rssBytes) / MB)))
  const { sent, refused } = await scenes[1].requester.ask('flooded')

  const params = { through: 'gateway', by: 'raw', edges, stuck: stuckCount, size: SIZE }
  const latency = (of: readonly Measured[], key: 'p50Us' | 'p99Us'): Rounds => ({ values: of.map((round) => round[key]) })
  return [
    resultOf({ name: 'stuck-p50', params, unit: 'us' }, latency(beside!, 'p50Us'), latency(reading!, 'p50Us')),
    resultOf({ name: 'stuck-p99', params, unit: 'us' }, latency(beside!, 'p99Us'), latency(reading!, 'p99Us')),
    resultOf({ name: 'stuck-refused', params, unit: '% of messages' }, { values: [(refused / sent) * 100] }),
    // What both have grown by is their heaps, warming up.
    resultOf({ name: 'stuck-memory', params: { ...params, boundMB: (stuckCount * QUEUE_MARK_BYTES) / MB }, unit: 'MB' }, { values: [Math.max(0, growth! - readingGrowth!)] }),
  ]
}

async function startScene(context: BenchContext, name: 'reading' | 'stuck', count: number): Promise<Scene> {
  const { plan, profile } = context.options
  const starting = [startGateway(`gateway-${name}`, profile), startWorker('raw-requester'), startWorker('raw-responder'), startWorker('raw-responder')] as const
  const [middle, requester, responder, taker] = await Promise.all(starting)
  for (const { child } of [middle, requester, responder, taker]) context.own(child)
  const common = { names: 1, bare: false } as const
  const edge: EndTarget = { ...common, kind: 'call', role: 'edge', port: middle.edgePort, links: plan.stuckEdges - count }
  // Calls to most edges; messages to the others, which answer those only.
  const toEdges = await responder.ask('connect', edge)
  const flooded = await taker.ask('connect', { ...edge, kind: 'message', links: count })
  await requester.ask('connect', { ...common, kind: 'call', role: 'service', port: middle.servicePort, links: 1, toEdges })
  const { rssBytes } = await middle.child.usage()
  if (name === 'stuck') await taker.ask('pause')
  await requester.ask('flood', { ...FLOOD, toEdges: flooded })
  return { middle, requester, rssBytes }
}
