import { durationText } from '../cli/moment.js'
import { bytesText, countText, latencyText, rateText } from '../cli/quantity.js'
import type { BenchPlan } from './bench-plan.js'
import type { Load } from './run-load.js'

/** What the gateway said of itself before and after; absent when its control plane could not be asked. */
export interface GatewayFigures {
  readonly memoryBytesBefore: number
  readonly memoryBytesAfter: number
  readonly loopDelayP99Ms: number
}

/** What a load came to. */
export interface BenchResult {
  readonly plan: BenchPlan
  readonly load: Load
  readonly gateway: GatewayFigures | undefined
  readonly wasInterrupted: boolean
}

const percentiles = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p99_9', 0.999],
] as const

/** For a program. Times in microseconds; null where there was nothing to measure. */
export function benchJson({ plan, load, gateway, wasInterrupted }: BenchResult): Record<string, unknown> {
  const { latency, bytes, failures } = load.tally
  const us = (milliseconds: number): number | null => (latency.count === 0 ? null : Math.round(milliseconds * 1000))
  const seconds = load.elapsedMs / 1000
  return {
    workload: plan.workload,
    direction: plan.direction,
    edges: plan.edges,
    concurrency: plan.concurrency,
    size_bytes: plan.sizeBytes,
    elapsed_ms: Math.round(load.elapsedMs),
    interrupted: wasInterrupted,
    operations: latency.count,
    operations_per_second: seconds > 0 ? latency.count / seconds : 0,
    bytes_per_second: seconds > 0 ? bytes / seconds : 0,
    failures: Object.fromEntries([...failures].sort()),
    links_lost: load.lost,
    latency_us: {
      min: us(latency.leastMs),
      mean: us(latency.meanMs),
      ...Object.fromEntries(percentiles.map(([name, part]) => [name, us(latency.percentileMs(part))])),
      max: us(latency.mostMs),
    },
    gateway:
      gateway === undefined
        ? null
        : {
            memory_bytes_before: gateway.memoryBytesBefore,
            memory_bytes_after: gateway.memoryBytesAfter,
            loop_delay_p99_us: Math.round(gateway.loopDelayP99Ms * 1000),
          },
  }
}

/** For people: names and values, a line each. */
export function benchFields({ plan, load, gateway, wasInterrupted }: BenchResult): (readonly [string, string])[] {
  const { latency, bytes, failures, failedCount } = load.tally
  const seconds = load.elapsedMs / 1000
  const perSecond = seconds > 0 ? rateText(latency.count / seconds) : '-'
  const isIdle = plan.workload === 'idle'
  const reasons = [...failures].sort().map(([code, count]) => `${countText(count)} ${code}`).join(', ')
  const times = percentiles.map(([name, part]) => `${name.replace('_', '.')} ${latencyText(latency.percentileMs(part))}`)
  const fields: [string, string][] = [
    ['load', `${loadText(plan)}${wasInterrupted ? ', interrupted' : ''}`],
    [isIdle ? 'connected' : 'done', `${countText(latency.count)} in ${durationText(load.elapsedMs)}, ${perSecond}/s`],
    ['failed', failedCount === 0 ? '0' : reasons],
    ['latency', `${times.join('  ')}  max ${latencyText(latency.count === 0 ? Number.NaN : latency.mostMs)}`],
  ]
  if (bytes > 0) fields.push(['data', `${bytesText(bytes / seconds)}/s`])
  if (load.lost > 0) fields.push(['links lost', countText(load.lost)])
  if (gateway !== undefined) fields.push(['gateway', gatewayText(gateway, isIdle ? latency.count : 0)])
  return fields
}

function loadText({ workload, direction, edges, concurrency, sizeBytes, durationMs }: BenchPlan): string {
  const over = `${countText(edges)} edge${edges === 1 ? '' : 's'}`
  if (workload === 'idle') return `${over} that do nothing for ${durationText(durationMs)}, dialled ${concurrency} at a time`
  return `${workload} of ${bytesText(sizeBytes)} ${direction === 'to-edges' ? 'to' : 'from'} ${over}, ${concurrency} at a time`
}

function gatewayText({ memoryBytesBefore, memoryBytesAfter, loopDelayP99Ms }: GatewayFigures, edges: number): string {
  const grown = memoryBytesAfter - memoryBytesBefore
  const each = edges > 0 && grown > 0 ? `, ${bytesText(grown / edges)} an edge` : ''
  return `memory ${bytesText(memoryBytesBefore)} before, ${bytesText(memoryBytesAfter)} under load${each}; loop delay p99 ${latencyText(loopDelayP99Ms)}`
}
