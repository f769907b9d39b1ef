import type { Result } from './result.js'

/** What the name, `through` and `by` of a result do not say: params with a short form first, the others by name. */
export function detailsOf({ through: _through, by: _by, direction, size, bytes, chunkBytes: _chunkBytes, edges, inFlight, ...others }: Result['params']): string {
  const parts: string[] = []
  if (direction !== undefined) parts.push(String(direction).replace('edge-to-service', 'edge -> service').replace('service-to-edge', 'service -> edge'))
  if (size !== undefined) parts.push(`${size} B`)
  if (bytes !== undefined) parts.push(`${Math.round(Number(bytes) / 1e6)} MB`)
  if (edges !== undefined) parts.push(edges === 1 ? '1 edge' : `${numberText(Number(edges))} edges`)
  if (inFlight !== undefined) parts.push(`${inFlight} in flight`)
  for (const [key, value] of Object.entries(others)) parts.push(`${key} ${value}`)
  return parts.join(', ')
}

/** A ratio, and in brackets how far its rounds lie apart. */
export function ratioText(ratio: number | null, spread: number | null): string {
  if (ratio === null) return ''
  return spread === null ? ratio.toFixed(2) : `${ratio.toFixed(2)} (${percentText(spread)})`
}

/** How far rounds lie apart. */
export function spreadText(spread: number | null): string {
  return spread === null ? '1 round' : percentText(spread)
}

/** Three digits, whole above a hundred; empty for what does not apply. */
export function numberText(value: number | null): string {
  if (value === null) return ''
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}

/** What is said of a figure that spreads too far. */
export const WIDE_TEXT = 'WIDE: do not trust'

function percentText(part: number): string {
  return `${Math.round(part * 100)}%`
}
