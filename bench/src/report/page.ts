import type { Report } from '../run-bench.js'
import { resultSheet, verdictSheet, type Sheet } from '../sheet.js'
import { verdictsOf } from '../targets.js'
import { Colours } from './colours.js'
import { escapeText } from './markup.js'
import { plotsOf } from './plots.js'
import { pageCss } from './page-css.js'

/** The report as one HTML page that needs nothing else: no script, no font, no network. */
export function pageOf(report: Report): string {
  const { commit, node, cpu, load, startedAt, seconds, results, missing } = report
  const verdicts = verdictsOf(results)
  const machine: readonly (readonly [string, string])[] = [
    ['commit', commit ?? 'unknown'],
    ['Node', node],
    ['CPU', cpu],
    ['load before', load.join(' ')],
    ['begun', startedAt],
    ['took', `${seconds} s`],
    ...missing.map(({ peer, why }) => ['missing', `${peer}: ${why}`] as const),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Frontier bench ${escapeText(commit ?? '')}</title>
<style>${pageCss}</style>
</head>
<body>
<h1>Frontier bench</h1>
<dl>${machine.map(([name, text]) => `<div><dt>${name}</dt><dd>${escapeText(text)}</dd></div>`).join('')}</dl>
${verdicts.length === 0 ? '' : `<h2>Targets</h2>\n${tableOf(verdictSheet(verdicts), (index) => (verdicts[index]!.isReached ? 'reached' : 'missed'))}`}
${plotsOf(results, new Colours())}
<h2>All figures</h2>
<p>A figure is the median of its rounds; the spread is how far their middle half reaches. A ratio is to bare sockets, round by round. Machines are noisy: what is
WIDE spreads by more than a quarter and is not to be trusted.</p>
${tableOf(resultSheet(results), (index) => (results[index]!.wide ? 'wide' : 'fine'))}
</body>
</html>
`
}

function tableOf({ headings, rows, numberColumns }: Sheet, kindOf: (index: number) => string): string {
  const head = headings.map((heading) => `<th>${escapeText(heading)}</th>`)
  const body = rows.map((cells, index) => {
    const inner = cells.map((cell, column) => `<td${numberColumns.includes(column) ? ' class="number"' : ''}>${escapeText(cell)}</td>`)
    return `<tr class="${kindOf(index)}">${inner.join('')}</tr>`
  })
  return `<div class="table"><table><thead><tr>${head.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`
}
