import type { MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'

import type { GatewayStats } from './backend.js'
import type { StatsSchema } from './gen/frontier/v1/admin_pb.js'

/** What the control plane itself knows of the gateway. */
export interface OwnStats {
  isDraining: boolean
  watchers: number
}

/** The counts as the Admin service shows them. */
export function statsMessage(stats: GatewayStats, own: OwnStats): MessageInitShape<typeof StatsSchema> {
  const { startId, frontierId, startedAt, refused, ended, loopDelayP50Ms, loopDelayP99Ms, latency, ...counts } = stats
  return {
    startId,
    frontierId,
    startedAt: timestampFromMs(startedAt),
    at: timestampFromMs(Date.now()),
    draining: own.isDraining,
    ...bigints(counts),
    refused: bigints(refused),
    ended: bigints(ended),
    watchers: BigInt(own.watchers),
    loopDelayP50: durationOf(loopDelayP50Ms),
    loopDelayP99: durationOf(loopDelayP99Ms),
    ...(latency.samples > 0 && { latencyP50: durationOf(latency.p50Ms), latencyP99: durationOf(latency.p99Ms) }),
    latencySamples: BigInt(latency.samples),
    memoryBytes: BigInt(process.memoryUsage.rss()),
  }
}

function bigints<K extends string>(counts: Readonly<Record<K, number>>): Record<K, bigint> {
  return Object.fromEntries(Object.entries<number>(counts).map(([name, count]) => [name, BigInt(count)])) as Record<K, bigint>
}

/** To the microsecond: more would be noise. */
function durationOf(ms: number): { seconds: bigint; nanos: number } {
  const micros = Math.round(ms * 1000)
  return { seconds: BigInt(Math.floor(micros / 1_000_000)), nanos: (micros % 1_000_000) * 1000 }
}
