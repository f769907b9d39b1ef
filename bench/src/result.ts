import { median, ratios, spread, WIDE_SPREAD } from './statistics.js'

/** One figure. What does not apply is null. */
export interface Result {
  readonly name: string
  /** What was measured: who drove it (`raw` frames or `sdk`), through what (`relay`, `gateway`), and the numbers of the case. */
  readonly params: Readonly<Record<string, string | number>>
  /** Median of the rounds. */
  readonly value: number
  readonly unit: string
  /** How many rounds there were. */
  readonly rounds: number
  /** How far the middle half of the rounds reaches, as a part of the median; null for a single round. */
  readonly spread: number | null
  /** How much of what is counted (calls, bytes) one CPU-second of the gateway (or relay) process paid for. */
  readonly perGatewayCpuSecond: number | null
  /** The same figure for the bare relay. */
  readonly ceiling: number | null
  /** value / ceiling, the median over the rounds: each is compared with the round of the relay next to it. */
  readonly ratio: number | null
  /** As `spread`, of the ratio. */
  readonly ratioSpread: number | null
  /** `perGatewayCpuSecond` over the relay's. */
  readonly cpuRatio: number | null
  /** The ratio, or the value where there is none, spreads by more than 25 %: do not trust it. */
  readonly wide: boolean
}

/** The rounds of one figure. */
export interface Rounds {
  readonly values: readonly number[]
  readonly perCpuSecond?: readonly number[]
}

/** Makes a result of the rounds of a figure and, beside them, those of the relay, when it is not the relay's own. */
export function resultOf(what: Pick<Result, 'name' | 'params' | 'unit'>, own: Rounds, ceiling?: Rounds): Result {
  const ratioRounds = ceiling && ratios(own.values, ceiling.values)
  const isSingle = own.values.length < 2
  return {
    ...what,
    value: median(own.values),
    rounds: own.values.length,
    spread: isSingle ? null : spread(own.values),
    perGatewayCpuSecond: own.perCpuSecond ? median(own.perCpuSecond) : null,
    ceiling: ceiling ? median(ceiling.values) : null,
    ratio: ratioRounds ? median(ratioRounds) : null,
    ratioSpread: ratioRounds && !isSingle ? spread(ratioRounds) : null,
    cpuRatio: own.perCpuSecond && ceiling?.perCpuSecond ? median(ratios(own.perCpuSecond, ceiling.perCpuSecond)) : null,
    wide: spread(ratioRounds ?? own.values) > WIDE_SPREAD,
  }
}
