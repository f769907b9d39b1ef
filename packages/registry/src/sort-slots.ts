import type { Compare } from './ordering.js'

/** Slots that are sorted in one go, 0.2 to 0.6 ms when their records are in no cache. */
const RUN = 256

/** Sorts `slots`, a merge sort that yields where it may pause; may change them. Quick where they are in order already. */
export function* sortSlots(slots: Uint32Array, compare: Compare<number>): Generator<undefined, Uint32Array> {
  for (let from = 0; from < slots.length; from += RUN) {
    const run = slots.subarray(from, from + RUN)
    if (!isSorted(run, compare)) run.sort(compare)
    yield
  }
  let source: Uint32Array = slots
  let target: Uint32Array = new Uint32Array(slots.length)
  for (let width = RUN; width < slots.length; width *= 2) {
    for (let from = 0; from < slots.length; from += 2 * width) {
      const pair = [source.subarray(from, from + width), source.subarray(from + width, from + 2 * width)] as const
      yield* merge(pair, target.subarray(from, from + 2 * width), compare)
    }
    const sorted = target
    target = source
    source = sorted
  }
  return source
}

function* merge([left, right]: readonly [Uint32Array, Uint32Array], into: Uint32Array, compare: Compare<number>): Generator<undefined, void> {
  let [fromLeft, fromRight] = [0, 0]
  const isInOrder = right.length === 0 || compare(left[left.length - 1]!, right[0]!) < 0
  while (!isInOrder && fromLeft < left.length && fromRight < right.length) {
    const place = fromLeft + fromRight
    into[place] = compare(left[fromLeft]!, right[fromRight]!) < 0 ? left[fromLeft++]! : right[fromRight++]!
    if (place % RUN === 0) yield
  }
  into.set(left.subarray(fromLeft), fromLeft + fromRight)
  into.set(right.subarray(fromRight), left.length + fromRight)
  yield
}

function isSorted(slots: Uint32Array, compare: Compare<number>): boolean {
  for (let at = 1; at < slots.length; at++) if (compare(slots[at - 1]!, slots[at]!) > 0) return false
  return true
}
