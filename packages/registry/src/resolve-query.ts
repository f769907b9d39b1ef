import { FrontierError, type Id } from '@frontier/wire'

import type { Direction, Paging } from './query.js'

/** Which of the ordered matches a page holds: `[start, end)`. */
export interface PageRange {
  readonly start: number
  readonly end: number
}

const DEFAULT_PAGE_SIZE = 100

/** The range of `paging`. @throws INVALID_ARGUMENT unless page and page size are integers from 1 on (a size may be Infinity). */
export function resolvePaging(paging: Paging): PageRange {
  const { page = 1, pageSize = DEFAULT_PAGE_SIZE } = paging
  if (!Number.isInteger(page) || page < 1) throw invalid(`page is ${page}, not an integer from 1 on`)
  if (pageSize !== Infinity && (!Number.isInteger(pageSize) || pageSize < 1)) {
    throw invalid(`pageSize is ${pageSize}, not an integer from 1 on or Infinity`)
  }
  if (pageSize === Infinity) return page === 1 ? { start: 0, end: Infinity } : { start: Infinity, end: Infinity }
  return { start: (page - 1) * pageSize, end: page * pageSize }
}

/** `value`, or the first of `fields` when absent. @throws INVALID_ARGUMENT when it is none of them. */
export function resolveOrder<F extends string>(value: F | undefined, fields: readonly [F, ...F[]]): F {
  if (value === undefined) return fields[0]
  if (!fields.includes(value)) throw invalid(`cannot order by ${value}, options: ${fields.join(', ')}`)
  return value
}

/** `value`, or `fallback` when absent. @throws INVALID_ARGUMENT when it is no direction. */
export function resolveDirection(value: Direction | undefined, fallback: Direction): Direction {
  if (value === undefined) return fallback
  if (!['asc', 'desc'].includes(value)) throw invalid(`direction is ${value}, options: asc, desc`)
  return value
}

/** An id to look for: any integer, as one that nobody can have is simply not found. @throws INVALID_ARGUMENT when a number has lost digits. */
export function resolveWantedId(id: Id): bigint {
  if (typeof id === 'bigint') return id
  if (!Number.isSafeInteger(id)) throw invalid(`id ${id} is not a safe integer; give ids above 2^53 as bigint`)
  return BigInt(id)
}

function invalid(message: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', message)
}
