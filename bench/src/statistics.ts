/** From this spread on a figure is called wide: the rounds disagree too much for the median to mean much. */
export const WIDE_SPREAD = 0.25

/** The middle value, or the mean of the two in the middle. NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** How far the rounds lie apart: highest minus lowest, as a part of the median. 0 for a single round. */
export function spread(values: readonly number[]): number {
  const middle = median(values)
  return middle === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / middle
}

/** Each value over the one at the same place in `others`: rounds are compared with their neighbours in time. */
export function ratios(values: readonly number[], others: readonly number[]): number[] {
  return values.map((value, index) => value / others[index]!)
}
