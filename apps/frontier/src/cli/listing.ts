import type { JsonValue } from '@bufbuild/protobuf'

import type { CliHost } from './cli-host.js'
import { countText } from './quantity.js'
import { Table, type Column } from './table.js'

/** One page of something that is listed from cursor to cursor. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Empty = that was the last. */
  readonly nextCursor: string
  /** How many there are on all pages. */
  readonly count: bigint
}

/** What is listed, and how it looks. */
export interface Listing<T> {
  /** The field of the list in JSON. */
  readonly field: string
  readonly columns: readonly Column[]
  readonly limit: number | undefined
  readonly isJson: boolean
  readPage(cursor: string, pageSize: number): Promise<Page<T>>
  rowOf(item: T): readonly string[]
  jsonOf(item: T): JsonValue
}

const PAGE_SIZE = 1000

/** Writes a list page by page as it is read, so that a long one begins at once and takes no memory: a table, or one JSON document. */
export async function writeListing<T>(host: CliHost, listing: Listing<T>): Promise<void> {
  const table = new Table(host.out, listing.columns)
  const { isJson, limit = Number.POSITIVE_INFINITY } = listing
  let written = 0
  let cursor = ''
  let count: bigint
  if (isJson) await host.out.write(`{${JSON.stringify(listing.field)}:[`)
  do {
    const page = await listing.readPage(cursor, Math.min(PAGE_SIZE, Math.max(1, limit - written)))
    const items = page.items.slice(0, limit - written)
    if (!isJson) await table.write(items.map((item) => listing.rowOf(item)))
    else if (items.length > 0) await host.out.write(`${written > 0 ? ',' : ''}${items.map((item) => JSON.stringify(listing.jsonOf(item))).join(',')}`)
    written += items.length
    cursor = page.nextCursor
    count = page.count
  } while (cursor !== '' && written < limit)
  if (isJson) await host.out.write(`],"count":"${count}"}\n`)
  else if (BigInt(written) < count && host.out.isTerminal) await host.error.write(`${countText(written)} of ${countText(count)}\n`)
}

/** Labels in one cell. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',')
}
