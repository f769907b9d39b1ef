import type { FrontierError } from '@frontier/wire'

import { OnlineRegistry } from './online-registry.js'
import { Pacer } from './pacer.js'
import type { EdgeRecord, ServiceRecord } from './records.js'
import type { Registry, RegistryOptions } from './registry.js'
import { SqliteFinder } from './sqlite-finder.js'
import { SqliteThread } from './sqlite-thread.js'

/** What a registry in SQLite takes beside what every registry takes. */
export interface SqliteRegistryOptions extends RegistryOptions {
  /** Where the database is; '' (default) = in memory. What a former run left in it is forgotten. */
  file?: string | undefined
  /** Told when the database fails: who is online is still known, and queries try again. */
  onError?: ((error: FrontierError) => void) | undefined
  /** Told the SQL of each query with how long it took, in milliseconds. */
  onSql?: ((sql: string, tookMs: number) => void) | undefined
}

/**
 * A registry whose queries are answered by SQLite, in a thread of its own: changes never wait for it. Needs the package better-sqlite3.
 * @throws INVALID_ARGUMENT without that package, or when the file is something else; UNAVAILABLE when it is in use, or cannot be made.
 */
export async function openSqliteRegistry(options: SqliteRegistryOptions = {}): Promise<Registry> {
  const { file = '', onError, onSql } = options
  const pacer = new Pacer()
  const finders: (SqliteFinder<EdgeRecord> | SqliteFinder<ServiceRecord>)[] = []
  const thread = new SqliteThread(
    { file, debug: onSql !== undefined },
    {
      pacer,
      *everybody() {
        for (const finder of finders) yield* finder.everybody()
      },
      onError: (error) => onError?.(error),
      onSql: (sql, tookMs) => onSql?.(sql, tookMs),
    },
  )
  await thread.open()
  const kept = <F extends (typeof finders)[number]>(finder: F): F => {
    finders.push(finder)
    return finder
  }
  return new OnlineRegistry(
    {
      edges: (roster) => kept(new SqliteFinder(roster, thread)),
      services: (roster) => kept(new SqliteFinder(roster, thread)),
      pacer,
      close: () => thread.close(),
    },
    options,
  )
}
