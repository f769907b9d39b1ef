import { detailsOf, numberText } from '../result-text.js'
import type { Result } from '../result.js'
import { barPlot, type Bar } from './bar-plot.js'
import type { Colours } from './colours.js'
import { linePlot } from './line-plot.js'
import { escapeText } from './markup.js'
import { facetsOf, labelOf, type Selection } from './series.js'

interface LinePlots {
  readonly title: string
  readonly xTitle: string
  readonly yTitle: string
  readonly selections: readonly Selection[]
}

const RATES = ['calls', 'messages'] as const
const inMilliseconds = ({ value }: Result): number => value / 1000
const inKilobytes = ({ value }: Result): number => value / 1000
const cpuMicroseconds = ({ perGatewayCpuSecond }: Result): number | undefined => (perGatewayCpuSecond === null ? undefined : 1e6 / perGatewayCpuSecond)

const linePlots: readonly LinePlots[] = [
  { title: 'Throughput over requests in flight', xTitle: 'in flight', yTitle: 'per second', selections: RATES.map((name) => ({ name, x: 'inFlight' })) },
  {
    title: 'Latency over requests in flight',
    xTitle: 'in flight',
    yTitle: 'ms',
    selections: RATES.flatMap((name) => ['p50', 'p99'].map((part) => ({ name: `${name}-${part}`, x: 'inFlight', y: inMilliseconds }))),
  },
  {
    title: 'CPU of the gateway over edges',
    xTitle: 'edges',
    yTitle: 'us of CPU for one',
    selections: [...RATES, 'scaling-edges', 'streams', 'connects'].map((name) => ({ name, x: 'edges', y: cpuMicroseconds })),
  },
  {
    title: 'CPU of the gateway over registered methods',
    xTitle: 'methods',
    yTitle: 'us of CPU for one',
    selections: ['scaling-methods'].map((name) => ({ name, x: 'methods', y: cpuMicroseconds })),
  },
  { title: 'Memory of an idle edge over edges', xTitle: 'edges', yTitle: 'KB', selections: [{ name: 'idle-memory', x: 'edges', y: inKilobytes }] },
]

/** All plots for which there are results. */
export function plotsOf(results: readonly Result[], colours: Colours): string {
  const lines = linePlots.map(({ title, xTitle, yTitle, selections }) => {
    const figures = selections.flatMap((selection) =>
      facetsOf(results, selection).map((facet) =>
        linePlot({ ...facet, label: `${selection.name}${facet.label === '' ? '' : `, ${facet.label}`}` }, { x: xTitle, y: yTitle }, colours),
      ),
    )
    return section(title, figures)
  })
  const bridges = results.filter(({ name }) => name === 'bridges')
  const others = results.filter(({ name }) => name !== 'bridges' && name !== 'bridges-after' && name !== 'peers')
  const ceilings = [againstCeiling('Against bare sockets (1 = as fast)', others, colours), againstCeiling('Into brokers, against their client libraries alone (1 = as fast)', bridges, colours)]
  return [...ceilings, againstPeers(results, colours), ...lines].join('')
}

/** Everything that has a bare counterpart, as a part of it. */
function againstCeiling(title: string, results: readonly Result[], colours: Colours): string {
  const bars = results
    .filter(({ ratio, unit }) => ratio !== null && Number.isFinite(ratio) && unit.endsWith('/s'))
    .map((result): Bar => barOf(result, result.ratio!, numberText(result.ratio)))
  return section(title, bars.length === 0 ? [] : [barPlot(bars, colours, 1)])
}

/** The same load through everything that takes it: one plot for each that somebody else was measured with. */
function againstPeers(results: readonly Result[], colours: Colours): string {
  const loads = new Map<string, Result[]>()
  for (const result of results) {
    if (result.name !== 'peers') continue
    const load = detailsOf(result.params)
    loads.set(load, [...(loads.get(load) ?? []), result])
  }
  const plots = [...loads].map(([load, of]) => {
    const bars = of.map((result): Bar => ({ ...barOf(result, result.value, `${numberText(result.value)} ${result.unit}`), label: labelOf(result.params) }))
    return `<h3>${escapeText(load)}</h3>${barPlot(bars, colours)}`
  })
  return section('Against others', plots)
}

function barOf({ name, params, wide }: Result, value: number, text: string): Bar {
  return { label: `${name} ${detailsOf(params)} · ${labelOf(params)}`, who: labelOf(params), value, text, wide }
}

function section(title: string, figures: readonly string[]): string {
  return figures.length === 0 ? '' : `<h2>${escapeText(title)}</h2>\n<div class="figures">${figures.join('\n')}</div>\n`
}
