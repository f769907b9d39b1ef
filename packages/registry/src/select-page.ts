import type { Compare } from './ordering.js'

/** Which of the ordered items a page holds: `[start, end)`. */
export interface PageRange {
  readonly start: number
  readonly end: number
}

/** Above this many items a sample finds the pivot: then most of them are compared once or twice, and not three times or more. */
const SAMPLE_FROM = 1_000

/**
 * The items, all of them different, that stand at `[range.start, range.end)` once all are in order: what sorting and slicing gives, in linear time,
 * because only the page itself is sorted. May change the order of `items`.
 */
export function selectPage<T>(items: T[], compare: Compare<T>, range: PageRange): T[] {
  const start = Math.min(range.start, items.length)
  const end = Math.min(range.end, items.length)
  if (start >= end) return []
  const isInFirstHalf = start + end < items.length
  // First the cut that leaves fewer items for the second.
  if (isInFirstHalf && end < items.length) partition(items, compare, { from: 0, to: items.length - 1 }, end - 1)
  if (start > 0) partition(items, compare, { from: 0, to: isInFirstHalf ? end - 1 : items.length - 1 }, start)
  if (!isInFirstHalf && end < items.length) partition(items, compare, { from: start, to: items.length - 1 }, end - 1)
  return items.slice(start, end).sort(compare)
}

interface Span {
  from: number
  to: number
}

/** Moves the item of rank `rank` to its place; within `span`, smaller ones go before it and larger ones behind (quickselect). */
function partition<T>(items: T[], compare: Compare<T>, span: Span, rank: number): void {
  let { from, to } = span
  while (from < to) {
    const pivot = choosePivot(items, compare, { from, to }, rank)
    let low = from
    let high = to
    while (low <= high) {
      while (compare(items[low]!, pivot) < 0) low++
      while (compare(items[high]!, pivot) > 0) high--
      if (low > high) break
      const swapped = items[low]!
      items[low++] = items[high]!
      items[high--] = swapped
    }
    if (rank <= high) to = high
    else if (rank >= low) from = low
    else return
  }
}

/**
 * An item of `span`, picked at random: peers choose their meta and their moment, and must not be able to make the search quadratic.
 * Of many items it is one that probably stands a little beyond `rank`, seen from the nearer end, so that one pass leaves few.
 */
function choosePivot<T>(items: T[], compare: Compare<T>, { from, to }: Span, rank: number): T {
  const size = to - from + 1
  const pick = (): T => items[from + Math.floor(Math.random() * size)]!
  if (size < SAMPLE_FROM) return pick()
  const sample = Array.from({ length: Math.ceil(Math.sqrt(size)) }, pick).sort(compare)
  const share = (rank - from) / size
  // Two standard deviations of the place that this share has in a random sample.
  const margin = 2 * Math.sqrt(sample.length * share * (1 - share)) + 2
  const place = sample.length * share + (share < 0.5 ? margin : -margin)
  return sample[Math.min(sample.length - 1, Math.max(0, Math.round(place)))]!
}
