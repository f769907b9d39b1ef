import { setTimeout as sleep } from 'node:timers/promises'

import { alternate } from '../alternate.js'
import type { BenchContext } from '../bench-case.js'
import type { RequestOutcome } from '../request-load.js'
import { resultOf, type Result, type Rounds } from '../result.js'
import { CHUNK_BYTES, startStreamEnds, type StreamEnds } from './stream-ends.js'

const DIRECTIONS = ['edge-to-service', 'service-to-edge'] as const
const MB = 1e6

interface Measured extends RequestOutcome {
  readonly megabytesPerSecond: number
}

/** One call after the other from an edge whose link a stream saturates, beside the same calls without the stream. */
export async function beside(context: BenchContext): Promise<Result[]> {
  const { rounds, ms, rampMs } = context.options.plan.streams
  const results: Result[] = []
  for (const direction of DIRECTIONS) {
    const ends = await startStreamEnds(context, `gateway-beside-${direction}`)
    context.say(`calls beside a stream, ${direction}`)
    const [alone, loaded] = await alternate<Measured>(
      [
        { round: async (isWarmUp) => ({ ...(await ends.edge.ask('call', { ms: isWarmUp ? rampMs : ms })), megabytesPerSecond: 0 }) },
        { round: (isWarmUp) => measureBeside(ends, direction, { ms: isWarmUp ? rampMs : ms, rampMs }) },
      ],
      rounds,
    )
    const params = { through: 'gateway', by: 'sdk', direction, edges: 1, inFlight: 1, size: 64 }
    const latency = (of: readonly Measured[], key: 'p50Us' | 'p99Us'): Rounds => ({ values: of.map((round) => round[key]) })
    results.push(
      resultOf({ name: 'beside-p50', params, unit: 'us' }, latency(loaded!, 'p50Us'), latency(alone!, 'p50Us')),
      resultOf({ name: 'beside-p99', params, unit: 'us' }, latency(loaded!, 'p99Us'), latency(alone!, 'p99Us')),
      resultOf({ name: 'beside-stream', params, unit: 'MB/s' }, { values: loaded!.map(({ megabytesPerSecond }) => megabytesPerSecond) }),
    )
  }
  return results
}

async function measureBeside({ edge, service, edgeId }: StreamEnds, direction: (typeof DIRECTIONS)[number], { ms, rampMs }: { ms: number; rampMs: number }): Promise<Measured> {
  const [source, sink] = direction === 'edge-to-service' ? [edge, service] : [service, edge]
  await source.ask('pour', { streams: 1, chunkBytes: CHUNK_BYTES, edgeId })
  await sleep(rampMs)
  const [calls, { bytes, seconds }] = await Promise.all([edge.ask('call', { ms }), sink.ask('taken', { ms })])
  await source.ask('stop')
  await sleep(rampMs)
  return { ...calls, megabytesPerSecond: bytes.reduce((sum, each) => sum + each, 0) / MB / seconds }
}
