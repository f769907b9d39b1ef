/** From this spread on a figure is called wide: the rounds disagree too much for the median to mean much. */
export const WIDE_SPREAD = 0.25

/** The value below which `part` (0 to 1) of the sorted values lie, between two of them where it has to be. NaN for an empty list. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * part
  const below = sorted[Math.floor(place)]
  const above = sorted[Math.ceil(place)]
  if (below === undefined || above === undefined) return Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** How far the middle half of the rounds reaches, as a part of the median: one disturbed round does not make a figure bad. 0 for a single round. */
export function spread(values: readonly number[]): number {
  const middle = median(values)
  return middle === 0 ? 0 : (quantile(values, 0.75) - quantile(values, 0.25)) / middle
}

/** Each value over the one at the same place in `others`: rounds are compared with their neighbours in time. */
export function ratios(values: readonly number[], others: readonly number[]): number[] {
  return values.map((value, index) => value / others[index]!)
}
