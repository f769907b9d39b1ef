import { FrontierError } from '@frontier/wire'

import type { CliHost } from '../cli/cli-host.js'
import type { Command } from '../cli/command.js'
import type { Input } from '../cli/input.js'
import { millisecondsOf } from '../cli/moment.js'
import { writeJson } from '../cli/output.js'
import { ProgressLine } from '../cli/progress-line.js'
import { countText, latencyText, rateText } from '../cli/quantity.js'
import { writeFields } from '../cli/table.js'
import { presets, type BenchPlan, type Workload } from '../load/bench-plan.js'
import type { GatewayFigures } from '../load/bench-result.js'
import type { Load } from '../load/run-load.js'

const PROGRESS_EVERY_MS = 200

/** `frontier bench` */
export const bench: Command = {
  path: ['bench'],
  summary: 'drive load through a running gateway, and measure it',
  details: [
    'calls: one service and its edges call each other. messages: they publish, and wait for the acknowledgement. streams: a stream is opened, --size bytes are written, and read to the end. idle: edges connect and do nothing; what is measured is connecting.',
    'Both ends run in this process and their work is in the figures: the gateway alone is faster. What was begun is finished when the time is up. Hooks of a production service are told of the edges, which have the label frontier-bench=1.',
    'When the control plane can be reached, the memory and the loop delay of the gateway are told too.',
  ],
  positionals: [
    { name: 'WORKLOAD', kind: 'choice', choices: ['calls', 'messages', 'streams', 'idle'], isOptional: true, summary: 'calls (default), messages, streams or idle' },
  ],
  flags: [
    { name: 'duration', kind: 'duration', placeholder: 'DURATION', summary: 'how long', preset: '10s' },
    { name: 'concurrency', short: 'c', kind: 'integer', placeholder: 'COUNT', summary: 'how many at a time; 64, with streams 8' },
    { name: 'edges', kind: 'integer', placeholder: 'COUNT', summary: 'how many edges; 1, with idle 1000' },
    { name: 'size', kind: 'size', placeholder: 'BYTES', summary: 'payload, as 64, 16k or 1M; 64, with streams 1M' },
    { name: 'direction', kind: 'choice', choices: ['to-edges', 'to-services'], placeholder: 'WAY', summary: 'to-edges or to-services', preset: 'to-edges' },
    { name: 'edgebound', kind: 'text', placeholder: 'ADDRESS', summary: 'where edges dial in; else port 30012 of the host of the control plane' },
    { name: 'servicebound', kind: 'text', placeholder: 'ADDRESS', summary: 'where services dial in; else port 30011 of that host' },
    { name: 'timeout', kind: 'duration', placeholder: 'DURATION', summary: 'how long connecting, and each operation, may take', preset: '10s' },
    { name: 'edge-token', kind: 'text', placeholder: 'TOKEN', summary: 'credential of the edges' },
    { name: 'service-token', kind: 'text', placeholder: 'TOKEN', summary: 'credential of the service' },
  ],
  usesGateway: true,
  hasJson: true,
  examples: [
    ['frontier bench calls --duration 30s --concurrency 128', 'calls from a service to an edge'],
    ['frontier bench idle --edges 10000 --json', 'what ten thousand edges cost'],
  ],
  async run(input, host) {
    const plan = await planOf(input, host)
    const { newLoad, runLoad } = await import('../load/run-load.js')
    const { benchFields, benchJson } = await import('../load/bench-result.js')
    const before = await askGateway(host)
    const load = newLoad()
    let after: Figures | undefined
    await using progress = new ProgressLine(host.error)
    const ticking = setInterval(() => void progress.show(load.part, progressText(plan, load)), PROGRESS_EVERY_MS)
    // Near the end, but under load.
    const asking = setInterval(() => void askGateway(host).then((figures) => (after = figures ?? after)), 1000)
    try {
      await runLoad(plan, load, host.stop)
    } catch (error) {
      if (!host.stop.aborted) throw error
    } finally {
      clearInterval(ticking)
      clearInterval(asking)
    }
    await progress[Symbol.asyncDispose]()
    const { tally } = load
    const gateway = figuresOf(before, after ?? (await askGateway(host)))
    const result = { plan, load, gateway, wasInterrupted: host.stop.aborted }
    if (input.isSet('json')) await writeJson(host.out, benchJson(result))
    else await writeFields(host.out, benchFields(result))
    if (tally.latency.count === 0 && tally.firstError !== undefined) throw tally.firstError
  },
}

async function planOf(input: Input, host: CliHost): Promise<BenchPlan> {
  const { url, tls, timeoutMs } = await host.connection()
  // A gateway behind a socket file is on this machine.
  const hostname = new URL(url).hostname || '127.0.0.1'
  const workload = (input.text('WORKLOAD') ?? 'calls') as Workload
  const preset = presets[workload]
  const plan: BenchPlan = {
    workload,
    direction: (input.text('direction') ?? 'to-edges') as BenchPlan['direction'],
    edgebound: input.text('edgebound') ?? `tcp://${hostname}:30012`,
    servicebound: input.text('servicebound') ?? `tcp://${hostname}:30011`,
    edges: input.number('edges') ?? preset.edges,
    concurrency: input.number('concurrency') ?? preset.concurrency,
    sizeBytes: input.number('size') ?? preset.sizeBytes,
    durationMs: input.number('duration') ?? 10_000,
    timeoutMs,
    edgeToken: input.text('edge-token'),
    serviceToken: input.text('service-token'),
    tls,
  }
  for (const name of ['edges', 'concurrency'] as const) {
    if (plan[name] < 1 || plan[name] > 1_000_000) throw new FrontierError('INVALID_ARGUMENT', `--${name} must be 1 to 1000000, not ${plan[name]}`)
  }
  if (plan.durationMs <= 0) throw new FrontierError('INVALID_ARGUMENT', '--duration must be above 0')
  return plan
}

interface Figures {
  readonly memoryBytes: number
  readonly loopDelayP99Ms: number
}

/** What the gateway says of itself; undefined when its control plane cannot be asked: the links may be all there is. */
async function askGateway(host: CliHost): Promise<Figures | undefined> {
  try {
    const { admin } = await host.gateway()
    const { memoryBytes, loopDelayP99 } = await admin.getStats({}, { timeoutMs: 2000 })
    return { memoryBytes: Number(memoryBytes), loopDelayP99Ms: millisecondsOf(loopDelayP99) ?? Number.NaN }
  } catch {
    return undefined
  }
}

function figuresOf(before: Figures | undefined, after: Figures | undefined): GatewayFigures | undefined {
  if (before === undefined || after === undefined) return undefined
  return { memoryBytesBefore: before.memoryBytes, memoryBytesAfter: after.memoryBytes, loopDelayP99Ms: after.loopDelayP99Ms }
}

function progressText(plan: BenchPlan, load: Load): string {
  const { latency } = load.tally
  if (plan.workload === 'idle') return `${countText(load.online)} of ${countText(plan.edges)} edges online`
  const perSecond = load.elapsedMs > 0 ? (latency.count / load.elapsedMs) * 1000 : 0
  return `${rateText(perSecond)} ${plan.workload}/s  p99 ${latencyText(latency.percentileMs(0.99))}`
}
