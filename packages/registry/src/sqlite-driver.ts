import { FrontierError } from '@frontier/wire'

/** What may be bound to a statement. */
export type SqlValue = number | bigint | string | Uint8Array | null

/** A prepared statement of better-sqlite3, as far as it is used here. */
export interface SqlStatement {
  run(...values: SqlValue[]): unknown
  all(...values: SqlValue[]): unknown[]
  get(...values: SqlValue[]): unknown
  raw(): this
  safeIntegers(): this
}

/** A database of better-sqlite3, as far as it is used here. */
export interface SqlDatabase {
  prepare(sql: string): SqlStatement
  exec(sql: string): unknown
  pragma(text: string, options?: { simple?: boolean }): unknown
  close(): unknown
}

/** The class that better-sqlite3 exports. */
export type SqlDatabaseClass = new (file: string, options: { timeout: number }) => SqlDatabase

const PACKAGE: string = 'better-sqlite3'

/** better-sqlite3, an optional dependency. @throws INVALID_ARGUMENT, with what to install, when it is not there or not built for this Node. */
export async function loadSqlite(): Promise<SqlDatabaseClass> {
  try {
    // A name that bundlers and compilers do not follow: nobody needs it who does not ask for it.
    const { default: Database } = (await import(PACKAGE)) as { default: SqlDatabaseClass }
    new Database(':memory:', { timeout: 0 }).close() // loads what is compiled
    return Database
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    const hint = 'a registry in SQLite needs the package better-sqlite3, which is not installed by itself: npm install better-sqlite3@12'
    throw new FrontierError('INVALID_ARGUMENT', `${hint} (${why})`, { cause: error })
  }
}
