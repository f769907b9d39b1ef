/** Places numbers on an axis. */
export interface Scale {
  /** Pixels from the begin of the axis. */
  at(value: number): number
  readonly ticks: readonly number[]
}

/** About so many ticks. */
const TICKS = 5

/** An axis from 0 to above `most`, `length` pixels long. */
export function linearScale(most: number, length: number): Scale {
  const rough = (most > 0 ? most : 1) / TICKS
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
  const count = Math.ceil(most / step + 1e-9) || 1
  const end = step * count
  return { at: (value) => (value / end) * length, ticks: Array.from({ length: count + 1 }, (_, index) => index * step) }
}

/** An axis on which equal factors are equally far apart, with a tick at each of `values`; all above 0. */
export function logScale(values: readonly number[], length: number): Scale {
  const ticks = [...new Set(values)].sort((a, b) => a - b)
  const first = Math.log(ticks[0]!)
  const reach = Math.log(ticks.at(-1)!) - first
  return { at: (value) => (reach === 0 ? length / 2 : ((Math.log(value) - first) / reach) * length), ticks }
}

/** A number as short as on an axis: 12k, 1.5M. */
export function tickText(value: number): string {
  for (const [unit, size] of [
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(3))}${unit}`
  }
  return String(Number(value.toPrecision(3)))
}
