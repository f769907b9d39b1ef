import type { NameIndex } from './name-index.js'
import { compareText, type Compare } from './ordering.js'
import type { Pacer } from './pacer.js'
import type { ResolvedNames } from './resolve-query.js'
import { selectPage } from './select-page.js'
import type { Bitmap } from './slot-set.js'

/** So many names at least are put in order at a time. */
const MIN_KEPT = 4_096

/** One page of names, without the cursor. */
export interface FoundNames {
  readonly items: string[]
  readonly count: number
  readonly hasMore: boolean
}

/** The page of the distinct names that one of `slots` (undefined = anybody) holds. Looks at all names, in slices. */
export async function listNames(index: NameIndex, slots: Bitmap | undefined, query: ResolvedNames, pacer: Pacer): Promise<FoundNames> {
  const { direction, offset, limit, after } = query
  const compare: Compare<string> = direction === 'asc' ? compareText : (a, b) => compareText(b, a)
  const end = offset + limit
  let count = 0
  let beyond = 0
  let kept: string[] = []
  function* look(): Generator<undefined, void> {
    for (const name of index.names(slots)) {
      if (name === undefined) {
        yield
        continue
      }
      count++
      if (after !== undefined && compare(name, after) <= 0) continue
      beyond++
      // Names behind the end of the page are let go of from time to time.
      if (kept.push(name) >= Math.max(MIN_KEPT, 2 * end)) kept = selectPage(kept, compare, { start: 0, end })
    }
  }
  await pacer.run(look())
  return { items: selectPage(kept, compare, { start: offset, end }), count, hasMore: beyond > end }
}
