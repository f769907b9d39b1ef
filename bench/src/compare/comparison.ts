import { detailsOf, numberText, ratioText, WIDE_TEXT } from '../result-text.js'
import type { Result } from '../result.js'
import type { Sheet } from '../sheet.js'
import { median, ratios, spread, WIDE_SPREAD } from '../statistics.js'

/** What each round of one tree has measured. */
export type TreeRounds = readonly (readonly Result[])[]

/** A figure that both trees have, round by round. */
interface Pair {
  readonly here: readonly Result[]
  readonly there: readonly Result[]
}

/** This tree over the other one, a row for each figure that both measured in every round; a ratio is taken of rounds that were next to each other. */
export function comparisonSheet(here: TreeRounds, there: TreeRounds): Sheet {
  return {
    headings: ['what', 'through', 'by', 'unit', 'there', 'here', 'here / there', 'per CPU-s', ''],
    rows: pairsOf(here, there).map((pair) => {
      const { name, params, unit } = pair.here[0]!
      const rounds = ratiosOf(pair, ({ value }) => value)!
      const wide = spread(rounds) > WIDE_SPREAD
      return [
        `${name} ${detailsOf(params)}`.trim(),
        String(params['through'] ?? ''),
        String(params['by'] ?? ''),
        unit,
        numberText(median(pair.there.map(({ value }) => value))),
        numberText(median(pair.here.map(({ value }) => value))),
        ratioWithSpread(rounds),
        ratioWithSpread(ratiosOf(pair, ({ perGatewayCpuSecond }) => perGatewayCpuSecond)),
        wide ? WIDE_TEXT : '',
      ]
    }),
    numberColumns: [4, 5, 6, 7],
  }
}

function pairsOf(here: TreeRounds, there: TreeRounds): Pair[] {
  const keys = (here[0] ?? []).map(keyOf)
  return keys.flatMap((key) => {
    const [ours, theirs] = [here, there].map((rounds) => rounds.flatMap((round) => round.find((result) => keyOf(result) === key) ?? []))
    return ours!.length === here.length && theirs!.length === there.length ? [{ here: ours!, there: theirs! }] : []
  })
}

function keyOf({ name, params }: Result): string {
  return JSON.stringify([name, Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))])
}

function ratiosOf({ here, there }: Pair, of: (result: Result) => number | null): number[] | undefined {
  const [ours, theirs] = [here, there].map((results) => results.map(of).filter((value) => value !== null))
  return ours!.length === here.length && theirs!.length === there.length ? ratios(ours!, theirs!) : undefined
}

function ratioWithSpread(rounds: readonly number[] | undefined): string {
  return rounds === undefined ? '' : ratioText(median(rounds), rounds.length < 2 ? null : spread(rounds))
}
