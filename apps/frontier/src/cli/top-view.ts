import { escapeControls } from './escape.js'
import { durationText } from './moment.js'
import { bytesText, countText, latencyText, rateText } from './quantity.js'
import type { Span } from './style.js'
import type { Rate, Sample } from './top-history.js'

const GRAPH_WIDTH = 24
const bars = ' ▁▂▃▄▅▆▇█'

interface Row {
  readonly name: string
  readonly valueOf: (sample: Sample) => number
  readonly textOf: (value: number) => string
  readonly total?: Rate
}

const rate = (name: string, total: Rate, textOf = rateText): Row => ({ name, valueOf: (sample) => sample.perSecond[total], textOf, total })
const bytesRate = (bytes: number): string => `${bytesText(bytes)}/s`

const rows: readonly Row[] = [
  { name: 'edges', valueOf: ({ edges }) => edges, textOf: countText },
  { name: 'services', valueOf: ({ services }) => services, textOf: countText },
  { name: 'pending', valueOf: ({ pending }) => pending, textOf: countText },
  rate('calls/s', 'calls'),
  rate('messages/s', 'messages'),
  rate('answers/s', 'answers'),
  rate('streams/s', 'streams'),
  rate('refusals/s', 'refusals'),
  rate('expired/s', 'expired'),
  rate('bytes in', 'bytesIn', bytesRate),
  rate('bytes out', 'bytesOut', bytesRate),
  { name: 'latency p50', valueOf: ({ latencyP50Ms }) => latencyP50Ms, textOf: latencyText },
  { name: 'latency p99', valueOf: ({ latencyP99Ms }) => latencyP99Ms, textOf: latencyText },
  { name: 'loop delay', valueOf: ({ loopDelayP99Ms }) => loopDelayP99Ms, textOf: latencyText },
  { name: 'round trip', valueOf: ({ roundTripMs }) => roundTripMs, textOf: latencyText },
  { name: 'memory', valueOf: ({ memoryBytes }) => memoryBytes, textOf: bytesText },
]

/** The lines of the live table: the newest of `samples`, what they were at most, and how they went. */
export function screenLines(samples: readonly Sample[], url: string): (readonly Span[])[] {
  const now = samples.at(-1)!
  const state: Span = now.isDraining ? { text: 'draining', style: 'red' } : { text: 'serving', style: 'green' }
  const name = now.frontierId === '' ? '' : ` ${escapeControls(now.frontierId)}`
  return [
    [{ text: `frontier${name}`, style: 'bold' }, { text: '  ' }, state, { text: `  up ${durationText(now.upMs)}  ${url}` }],
    [],
    [{ text: `${''.padEnd(12)}${'now'.padStart(14)}${'peak'.padStart(14)}${'total'.padStart(18)}`, style: 'bold' }],
    ...rows.map((row) => rowLine(row, samples)),
    [],
    linksLine('links refused', now.refusedLinks),
    linksLine('links ended', now.endedLinks),
    [],
    [{ text: 'q ends it', style: 'dim' }],
  ]
}

function rowLine({ name, valueOf, textOf, total }: Row, samples: readonly Sample[]): Span[] {
  const values = samples.map(valueOf)
  const now = values.at(-1)!
  const peak = Math.max(...values.filter(Number.isFinite), 0)
  const sum = total === undefined ? '' : total.startsWith('bytes') ? bytesText(samples.at(-1)!.totals[total]) : countText(samples.at(-1)!.totals[total])
  const text = textOf(now).padStart(14)
  const isBad = (total === 'refusals' || total === 'expired') && now > 0
  const graph = values.slice(-GRAPH_WIDTH).map((value) => bars[peak > 0 && value > 0 ? Math.max(1, Math.round((value / peak) * 8)) : 0]!)
  return [
    { text: name.padEnd(12) },
    isBad ? { text, style: 'red' } : { text },
    { text: `${textOf(peak).padStart(14)}${sum.padStart(18)}  ` },
    { text: graph.join(''), style: 'cyan' },
  ]
}

function linksLine(name: string, counts: Readonly<Record<string, number>>): Span[] {
  const parts = Object.entries(counts).map(([code, count]) => `${countText(count)} ${escapeControls(code)}`)
  return [{ text: `${name.padEnd(15)}${parts.length === 0 ? '-' : parts.join('  ')}` }]
}

const columns: readonly (readonly [title: string, width: number, textOf: (sample: Sample) => string])[] = [
  ['TIME', 8, ({ atMs }) => new Date(atMs).toISOString().slice(11, 19)],
  ['EDGES', 9, ({ edges }) => String(edges)],
  ['SERVICES', 8, ({ services }) => String(services)],
  ['PENDING', 8, ({ pending }) => String(pending)],
  ['CALLS/S', 9, ({ perSecond }) => perSecond.calls.toFixed(1)],
  ['MSGS/S', 9, ({ perSecond }) => perSecond.messages.toFixed(1)],
  ['REFUSALS/S', 10, ({ perSecond }) => perSecond.refusals.toFixed(1)],
  ['IN/S', 10, ({ perSecond }) => bytesText(perSecond.bytesIn).replace(' ', '')],
  ['OUT/S', 10, ({ perSecond }) => bytesText(perSecond.bytesOut).replace(' ', '')],
  ['P50', 8, ({ latencyP50Ms }) => latencyText(latencyP50Ms).replace(' ', '')],
  ['P99', 8, ({ latencyP99Ms }) => latencyText(latencyP99Ms).replace(' ', '')],
  ['MEMORY', 9, ({ memoryBytes }) => bytesText(memoryBytes).replace(' ', '')],
]

/** The titles above {@link sampleRow}s. */
export const rowTitles: string = columns.map(([title, width]) => title.padStart(width)).join(' ')

/** One sample on one line. */
export function sampleRow(sample: Sample): string {
  return columns.map(([, width, textOf]) => textOf(sample).padStart(width)).join(' ')
}

/** One sample for a program: names as in the API's JSON. */
export function sampleJson(sample: Sample): Record<string, unknown> {
  const { perSecond } = sample
  const us = (milliseconds: number): number | null => (Number.isFinite(milliseconds) ? Math.round(milliseconds * 1000) : null)
  return {
    at: new Date(sample.atMs).toISOString(),
    frontier_id: sample.frontierId,
    draining: sample.isDraining,
    edges: sample.edges,
    services: sample.services,
    pending: sample.pending,
    calls_per_second: perSecond.calls,
    messages_per_second: perSecond.messages,
    answers_per_second: perSecond.answers,
    streams_per_second: perSecond.streams,
    refusals_per_second: perSecond.refusals,
    expired_per_second: perSecond.expired,
    bytes_in_per_second: perSecond.bytesIn,
    bytes_out_per_second: perSecond.bytesOut,
    latency_p50_us: us(sample.latencyP50Ms),
    latency_p99_us: us(sample.latencyP99Ms),
    loop_delay_p99_us: us(sample.loopDelayP99Ms),
    round_trip_us: us(sample.roundTripMs),
    memory_bytes: sample.memoryBytes,
    refused_links: sample.refusedLinks,
    ended_links: sample.endedLinks,
  }
}
