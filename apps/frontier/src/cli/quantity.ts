/** A count with thin grouping: `1,234,567`. */
export function countText(count: number | bigint): string {
  return count.toLocaleString('en-US')
}

/** Bytes with a binary unit and at most one decimal: `1.5 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let at = 0
  let amount = bytes
  while (amount >= 1024 && at < units.length - 1) {
    amount /= 1024
    at++
  }
  return `${at === 0 ? Math.round(amount) : amount.toFixed(1)} ${units[at]!}`
}

/** A rate as people compare them: three digits or whole. */
export function rateText(perSecond: number): string {
  return countText(perSecond >= 100 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10)
}

/** A short time, given in milliseconds: `850 us`, `1.24 ms`, `2.10 s`. */
export function latencyText(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return '-'
  if (milliseconds < 1) return `${Math.round(milliseconds * 1000)} us`
  if (milliseconds < 1000) return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 1)} ms`
  return `${(milliseconds / 1000).toFixed(2)} s`
}
