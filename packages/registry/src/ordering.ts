/** The order of two items as of Array.sort. */
export type Compare<T> = (a: T, b: T) => number

/** Ids by their value. */
export function compareIds(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** Text by code points, which is also the order of its UTF-8 bytes. `<` compares code units, and has emoji before U+FFFD. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Surrogates, halves of code points above all others, go behind U+FFFF. */
function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Bytes by their values, the shorter of two first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const difference = a[at]! - b[at]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Whether `whole`, text or bytes as `prefix` is, begins with it. */
export function startsWith(whole: string | Uint8Array, prefix: string | Uint8Array): boolean {
  if (typeof whole === 'string') return typeof prefix === 'string' && whole.startsWith(prefix)
  if (typeof prefix === 'string' || whole.length < prefix.length) return false
  for (let at = 0; at < prefix.length; at++) if (whole[at] !== prefix[at]) return false
  return true
}

/** Items that all differ, in a list that is in order: the place of the first one that is beyond the point that `isBeyond` knows. */
export function firstBeyond(length: number, isBeyond: (place: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBeyond(middle)) high = middle
    else low = middle + 1
  }
  return low
}
