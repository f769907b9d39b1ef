import { detailsOf, numberText, ratioText, spreadText, WIDE_TEXT } from './result-text.js'
import type { Result } from './result.js'
import { verdictText, type Verdict } from './targets.js'

/** A table before it is text or HTML. */
export interface Sheet {
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Columns that are flush right. */
  readonly numberColumns: readonly number[]
}

/** The results, one row each. */
export function resultSheet(results: readonly Result[]): Sheet {
  return {
    headings: ['what', 'through', 'by', 'figure', 'unit', 'spread', 'ceiling', 'ratio', 'per CPU-s', 'CPU ratio', ''],
    rows: results.map(({ name, params, value, unit, spread, ceiling, ratio, ratioSpread, perGatewayCpuSecond, cpuRatio, wide }) => [
      `${name} ${detailsOf(params)}`.trim(),
      String(params['through'] ?? ''),
      String(params['by'] ?? ''),
      numberText(value),
      unit,
      spreadText(spread),
      numberText(ceiling),
      ratioText(ratio, ratioSpread),
      numberText(perGatewayCpuSecond),
      ratioText(cpuRatio, null),
      wide ? WIDE_TEXT : '',
    ]),
    numberColumns: [3, 5, 6, 7, 8, 9],
  }
}

/** The targets, one row each. */
export function verdictSheet(verdicts: readonly Verdict[]): Sheet {
  return {
    headings: ['target', '', 'measured', 'farthest from it'],
    rows: verdicts.map((verdict) => [
      verdict.what,
      verdictText(verdict),
      numberText(verdict.measured),
      `${verdict.worst.name} ${detailsOf(verdict.worst.params)}`.trim(),
    ]),
    numberColumns: [2],
  }
}
