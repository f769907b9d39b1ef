import { detailsOf } from '../result-text.js'
import type { Result } from '../result.js'

/** One place of a line. */
export interface Point {
  readonly x: number
  readonly y: number
  /** The middle half of the rounds. */
  readonly low: number
  readonly high: number
  readonly wide: boolean
}

/** One line of a plot. */
export interface Series {
  /** Who was measured: `gateway, sdk`. */
  readonly label: string
  readonly points: readonly Point[]
}

/** Lines that belong together: they differ in x, and in who was measured. */
export interface Facet {
  /** What they have in common. */
  readonly label: string
  readonly series: readonly Series[]
}

/** Which results become a plot. */
export interface Selection {
  readonly name: string
  /** The param along the axis. */
  readonly x: string
  /** Params that a result must have. */
  readonly where?: Readonly<Record<string, string | number>>
  /** What is drawn of a result; nothing when undefined. */
  readonly y?: (result: Result) => number | undefined
}

/** Who was measured. */
export function labelOf({ through, by }: Result['params']): string {
  return [through, by].filter((part) => part !== undefined && part !== '').join(', ')
}

/** The facets in which at least one line has two points. */
export function facetsOf(results: readonly Result[], { name, x, where = {}, y = ({ value }) => value }: Selection): Facet[] {
  const facets = new Map<string, Map<string, Point[]>>()
  for (const result of results) {
    const { params } = result
    if (result.name !== name || typeof params[x] !== 'number' || params[x] <= 0) continue
    if (!Object.entries(where).every(([key, value]) => params[key] === value)) continue
    const value = y(result)
    if (value === undefined || !Number.isFinite(value)) continue
    const { [x]: at, ...common } = params
    const facet = entry(facets, detailsOf(common), () => new Map<string, Point[]>())
    const half = ((result.spread ?? 0) * value) / 2
    entry(facet, labelOf(params), (): Point[] => []).push({ x: Number(at), y: value, low: value - half, high: value + half, wide: result.wide })
  }
  return [...facets]
    .map(([label, lines]) => ({ label, series: [...lines].map(([of, points]) => ({ label: of, points: points.sort((a, b) => a.x - b.x) })) }))
    .filter(({ series }) => series.some(({ points }) => points.length > 1))
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
