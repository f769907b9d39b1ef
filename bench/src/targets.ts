import { MAX_WAITING_BYTES } from './brokers/bridge-config.js'
import type { Result } from './result.js'

/** What a figure has to be. */
interface Bound {
  readonly figure: 'value' | 'ratio' | 'cpuRatio' | 'perGatewayCpuSecond'
  readonly atLeast?: number
  readonly atMost?: number
}

/** One line of what the project set out to reach. Results that nobody measured are passed over, and so is a target without any. */
interface Target {
  /** In plain words, with the bound. */
  readonly what: string
  readonly name: string
  /** Params that a result must have. */
  readonly where: Readonly<Record<string, string | number>>
  /** The value is divided by that of the result that has these params and is the same otherwise. */
  readonly over?: Readonly<Record<string, string | number>>
  /** One of these is enough. */
  readonly anyOf: readonly Bound[]
}

/** What has come of a target. */
export interface Verdict {
  readonly what: string
  /** The result that is farthest from it, and how many there are. */
  readonly worst: Result
  readonly measured: number
  readonly results: number
  readonly isReached: boolean
  /** The measurement is too wide to say. */
  readonly wide: boolean
}

const raw = { through: 'gateway', by: 'raw' } as const
const sdk = { through: 'gateway', by: 'sdk' } as const
const gateway = { through: 'gateway' } as const

function atLeast(figure: Bound['figure'], bound: number): Bound {
  return { figure, atLeast: bound }
}

function atMost(figure: Bound['figure'], bound: number): Bound {
  return { figure, atMost: bound }
}

/** Of Go Frontier 1.2.5 on a machine like these, the better end of what was measured. */
const GO = { callsPerSecond: 17_500, callsPerCpuSecond: 16_000, streamsPerSecond: 2400, connectsPerSecond: 2300 } as const

/** The rows of the many in flight and of the many edges; a lone call says something else. */
function callTargets(name: 'calls' | 'messages', by: typeof raw | typeof sdk, least: number): Target[] {
  const who = by === raw ? 'raw frames' : 'SDKs'
  return [
    { what: `${name}, 512 in flight, ${who}: ${least} of the relay's rate`, name, where: { ...by, inFlight: 512 }, anyOf: [atLeast('ratio', least)] },
    { what: `${name}, 1,000 edges, ${who}: ${least} of the relay's rate`, name, where: { ...by, edges: 1000 }, anyOf: [atLeast('ratio', least)] },
  ]
}

const targets: readonly Target[] = [
  ...callTargets('calls', raw, 0.8),
  { what: 'calls, 512 in flight, raw frames: 0.8 of the relay per CPU-second', name: 'calls', where: { ...raw, inFlight: 512 }, anyOf: [atLeast('cpuRatio', 0.8)] },
  { what: 'calls, 1,000 edges, raw frames: 0.8 of the relay per CPU-second', name: 'calls', where: { ...raw, edges: 1000 }, anyOf: [atLeast('cpuRatio', 0.8)] },
  ...callTargets('calls', sdk, 0.5),
  { what: "a lone call, raw frames: p50 at most 1.25 of the relay's", name: 'calls-p50', where: { ...raw, edges: 1, inFlight: 1 }, anyOf: [atMost('ratio', 1.25)] },
  { what: "a lone call, SDKs: p50 at most 1.6 of the relay's", name: 'calls-p50', where: { ...sdk, edges: 1, inFlight: 1 }, anyOf: [atMost('ratio', 1.6)] },
  ...callTargets('messages', raw, 0.7),
  {
    what: 'calls, 512 in flight, 64 B: 15 times Go Frontier',
    name: 'calls',
    where: { ...raw, inFlight: 512, size: 64 },
    anyOf: [atLeast('value', 15 * GO.callsPerSecond)],
  },
  {
    what: 'calls per CPU-second, 512 in flight, 64 B: 30 times Go Frontier',
    name: 'calls',
    where: { ...raw, inFlight: 512, size: 64 },
    anyOf: [atLeast('perGatewayCpuSecond', 30 * GO.callsPerCpuSecond)],
  },
  {
    what: 'calls, 512 in flight, 64 B: 10 times NATS request/reply',
    name: 'peers',
    where: { ...raw, inFlight: 512 },
    over: { through: 'nats', by: 'nats' },
    anyOf: [atLeast('value', 10)],
  },
  ...['kafka', 'jetstream', 'nsq', 'redis'].map((broker): Target => ({
    what: `into ${broker}, 100 edges, 1,000 in flight: 20,000 messages/s, or as fast as its client alone`,
    name: 'bridges',
    where: { ...raw, broker, edges: 100, inFlight: 1000 },
    // As fast: rounds differ by more than the rest.
    anyOf: [atLeast('value', 20_000), atLeast('ratio', 0.95)],
  })),
  { what: 'a broker hangs while edges publish: memory within the bound of what may wait', name: 'bridges-memory', where: gateway, anyOf: [atMost('value', MAX_WAITING_BYTES / 1e6)] },
  { what: 'TLS, raw frames: 0.8 of a relay with TLS', name: 'tls-calls', where: { ...raw, inFlight: 512 }, anyOf: [atLeast('ratio', 0.8)] },
  { what: 'TLS, raw frames: 0.8 of a relay with TLS per CPU-second', name: 'tls-calls', where: { ...raw, inFlight: 512 }, anyOf: [atLeast('cpuRatio', 0.8)] },
  { what: 'TLS, SDKs: 0.5 of a relay with TLS', name: 'tls-calls', where: { ...sdk, inFlight: 512 }, anyOf: [atLeast('ratio', 0.5)] },
  { what: "TLS, a lone call, raw frames: p50 at most 1.25 of a relay's with TLS", name: 'tls-calls-p50', where: { ...raw, inFlight: 1 }, anyOf: [atMost('ratio', 1.25)] },
  { what: "TLS, a lone call, SDKs: p50 at most 1.6 of a relay's with TLS", name: 'tls-calls-p50', where: { ...sdk, inFlight: 1 }, anyOf: [atMost('ratio', 1.6)] },
  { what: 'more edges: what a call costs grows slower than their number', name: 'scaling-edges-growth', where: raw, anyOf: [atMost('value', 1)] },
  { what: 'more registered methods: a call costs as much as before', name: 'scaling-methods-growth', where: raw, anyOf: [atMost('value', 1.25)] },
  { what: '1 % of the edges do not read: p50 of the others at most doubles', name: 'stuck-p50', where: raw, anyOf: [atMost('ratio', 2)] },
  { what: '1 % of the edges do not read: p99 of the others at most doubles', name: 'stuck-p99', where: raw, anyOf: [atMost('ratio', 2)] },
  { what: '1 % of the edges do not read: memory within the bounds', name: 'stuck-memory', where: raw, anyOf: [atMost('value', 10.5)] },
  { what: 'streams opened and closed: 3 times Go Frontier', name: 'streams', where: { ...sdk, inFlight: 32 }, anyOf: [atLeast('value', 3 * GO.streamsPerSecond)] },
  { what: 'connects: 3 times Go Frontier', name: 'connects', where: { ...gateway, hook: 'none' }, anyOf: [atLeast('value', 3 * GO.connectsPerSecond)] },
  { what: "one stream: 0.7 of the splice's bytes", name: 'stream', where: sdk, anyOf: [atLeast('ratio', 0.7)] },
  { what: "one stream: CPU per byte at most 1.3 of the splice's", name: 'stream', where: sdk, anyOf: [atLeast('cpuRatio', 1 / 1.3)] },
  { what: 'a path of 100 ms and 400 Mbit/s is filled: 0.9 of the splice', name: 'long-path', where: { ...sdk, megabits: 400 }, anyOf: [atLeast('ratio', 0.9)] },
  { what: '100 streams at once: the slowest gets half of the mean', name: 'streams-slowest', where: sdk, anyOf: [atLeast('value', 0.5)] },
  { what: 'a lone call beside a stream: p50 at most twice that without', name: 'beside-p50', where: sdk, anyOf: [atMost('ratio', 2)] },
  { what: 'a lone call beside a stream: p99 at most 5 ms', name: 'beside-p99', where: sdk, anyOf: [atMost('value', 5000)] },
  { what: 'an idle edge: at most 7 KB of the gateway', name: 'idle-memory', where: { ...gateway, edges: 15_000 }, anyOf: [atMost('value', 7000)] },
  { what: 'idle edges: at most 2 % of a core', name: 'idle-cpu', where: { ...gateway, edges: 15_000 }, anyOf: [atMost('value', 2)] },
  {
    what: 'connects with an id hook: 5,000/s, or CPU at most 2.5 of a bare accept',
    name: 'connects',
    where: { ...gateway, hook: 'get_edge_id' },
    anyOf: [atLeast('value', 5000), atLeast('cpuRatio', 1 / 2.5)],
  },
  { what: 'after a restart: the gateway was away for 1 s at most', name: 'restart-down', where: gateway, anyOf: [atMost('value', 1)] },
  { what: 'after a restart: everybody is back in 10 s', name: 'restart-back', where: gateway, anyOf: [atMost('value', 10)] },
  { what: 'after a restart: p99 of calls meanwhile at most 100 ms', name: 'restart-p99', where: gateway, anyOf: [atMost('value', 100)] },
]

/** Every target that was measured, with what has come of it. */
export function verdictsOf(results: readonly Result[]): Verdict[] {
  return targets.flatMap((target) => {
    const found = results.flatMap((result) => {
      const share = matches(result, target.name, target.where) ? bestShare(result, target, results) : undefined
      return share === undefined ? [] : [{ result, ...share }]
    })
    if (found.length === 0) return []
    const worst = found.reduce((a, b) => (b.reached < a.reached ? b : a))
    return [{ what: target.what, worst: worst.result, measured: worst.measured, results: found.length, isReached: worst.reached >= 1, wide: worst.result.wide }]
  })
}

/** What is said of a target. */
export function verdictText({ isReached, wide }: Verdict): string {
  return `${isReached ? 'reached' : 'MISSED'}${wide ? ' (WIDE)' : ''}`
}

interface Share {
  readonly measured: number
  /** 1 and more: the bound is kept. */
  readonly reached: number
}

function bestShare(result: Result, { name, over, anyOf }: Target, results: readonly Result[]): Share | undefined {
  const other = over && results.find((candidate) => matches(candidate, name, { ...result.params, ...over }))
  if (over !== undefined && other === undefined) return undefined
  const shares = anyOf.map((bound) => shareOf(result, bound, other?.value ?? 1)).filter((share) => share !== undefined)
  return shares.reduce<Share | undefined>((a, b) => (a !== undefined && a.reached >= b.reached ? a : b), undefined)
}

function shareOf(result: Result, { figure, atLeast: least, atMost: most }: Bound, divisor: number): Share | undefined {
  const figureOrNull = result[figure]
  if (figureOrNull === null) return undefined
  const measured = figureOrNull / divisor
  if (!Number.isFinite(measured)) return undefined
  return { measured, reached: least === undefined ? most! / measured : measured / least }
}

function matches({ name, params }: Result, wanted: string, where: Target['where']): boolean {
  return name === wanted && Object.entries(where).every(([key, value]) => params[key] === value)
}
