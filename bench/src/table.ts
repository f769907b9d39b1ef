import type { Result } from './result.js'

const HEADINGS = ['what', 'through', 'by', 'figure', 'unit', 'spread', 'ceiling', 'ratio', 'per CPU-s', 'CPU ratio', '']
/** Columns of text are flush left, numbers flush right. */
const TEXT_COLUMNS = new Set([0, 1, 2, 4, 10])

/** The results as text, one line each. Latency under load is left to the JSON. */
export function tableOf(results: readonly Result[]): string {
  const shown = results.filter(({ name, params }) => !/-p\d+$/.test(name) || params['inFlight'] === undefined || isAlone(params))
  const rows = [HEADINGS, ...shown.map(rowOf)]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (TEXT_COLUMNS.has(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  return lines.join('\n')
}

function isAlone({ edges, inFlight }: Result['params']): boolean {
  return edges === 1 && inFlight === 1
}

function rowOf(result: Result): string[] {
  const { name, params, value, unit, spread, ceiling, ratio, ratioSpread, perGatewayCpuSecond, cpuRatio, wide } = result
  return [
    `${name} ${detailsOf(params)}`.trim(),
    String(params['through'] ?? ''),
    String(params['by'] ?? ''),
    number(value),
    unit,
    spread === null ? '1 round' : percent(spread),
    number(ceiling),
    ratioText(ratio, ratioSpread),
    number(perGatewayCpuSecond),
    ratioText(cpuRatio, null),
    wide ? 'WIDE: do not trust' : '',
  ]
}

/** What the name does not say: params with a short form first, the others by name. */
function detailsOf({ through: _through, by: _by, direction, size, bytes, chunkBytes: _chunkBytes, edges, inFlight, ...others }: Result['params']): string {
  const parts: string[] = []
  if (direction !== undefined) parts.push(String(direction).replace('edge-to-service', 'edge -> service').replace('service-to-edge', 'service -> edge'))
  if (size !== undefined) parts.push(`${size} B`)
  if (bytes !== undefined) parts.push(`${Math.round(Number(bytes) / 1e6)} MB`)
  if (edges !== undefined) parts.push(inFlight === undefined ? `${edges} edges` : `${edges} x ${inFlight}`)
  for (const [key, value] of Object.entries(others)) parts.push(`${key} ${value}`)
  return parts.join(', ')
}

function ratioText(ratio: number | null, spread: number | null): string {
  if (ratio === null) return ''
  return spread === null ? ratio.toFixed(2) : `${ratio.toFixed(2)} (${percent(spread)})`
}

function percent(part: number): string {
  return `${Math.round(part * 100)}%`
}

function number(value: number | null): string {
  if (value === null) return ''
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}
