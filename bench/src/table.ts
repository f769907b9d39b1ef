import type { Result } from './result.js'
import { resultSheet, type Sheet } from './sheet.js'

/** The results as text, one line each. Latency under load is left to the page and the JSON. */
export function tableOf(results: readonly Result[]): string {
  return textOf(resultSheet(results.filter(({ name, params }) => !/-p\d+$/.test(name) || params['inFlight'] === undefined || isAlone(params))))
}

/** Lines of text with columns below one another, the headings underlined. */
export function textOf({ headings, rows, numberColumns }: Sheet): string {
  const all = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => (numberColumns.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  return lines.join('\n')
}

function isAlone({ edges, inFlight }: Result['params']): boolean {
  return edges === 1 && inFlight === 1
}
