import { open, rm } from 'node:fs/promises'
import { FrontierError, isFrontierError } from '@frontier/wire'

import type { SqlDatabase, SqlDatabaseClass } from './sqlite-driver.js'

/** `FRNT`: what a file of ours has at the place that SQLite leaves to applications. */
const APPLICATION_ID = 0x4652_4e54
const APPLICATION_ID_AT = 68
const HEADER_BYTES = 100

/**
 * The database in `file` ('' = in memory), for this process alone. What a crash left in it is the caller's to forget.
 * @throws UNAVAILABLE when another process has it, or it cannot be made; INVALID_ARGUMENT when it is not a registry.
 */
export async function openSqliteFile(Database: SqlDatabaseClass, file: string): Promise<SqlDatabase> {
  if (file === '') return new Database(':memory:', { timeout: 0 })
  try {
    return openLocked(Database, file)
  } catch (error) {
    if (!['SQLITE_CORRUPT', 'SQLITE_NOTADB'].includes(codeOf(error))) throw explained(error, file)
    // Only now: to close a file that somebody in this process has locked would unlock it, but then it would have been busy.
    if (!(await saysItIsOurs(file))) throw notOurs(file)
    // A power cut may leave a file that cannot be read: nothing in it is worth a repair.
    await Promise.all(['', '-wal', '-shm', '-journal'].map((end) => rm(file + end, { force: true })))
    return openLocked(Database, file)
  }
}

function openLocked(Database: SqlDatabaseClass, file: string): SqlDatabase {
  const db = new Database(file, { timeout: 0 })
  try {
    // Whatever a crash leaves is forgotten: nothing has to be on the disk at any time.
    db.pragma('synchronous = OFF')
    db.pragma('locking_mode = EXCLUSIVE')
    const [tables] = db.prepare('SELECT count(*) FROM sqlite_schema').raw().get() as [number]
    if (tables > 0 && db.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw notOurs(file)
    // A write takes the lock, which is held to the end. Before WAL, so that the file itself says whose it is, whatever becomes of its log.
    db.pragma(`application_id = ${APPLICATION_ID.toString()}`)
    db.pragma('journal_mode = WAL')
    db.pragma('temp_store = MEMORY')
    db.pragma('cache_size = -65536')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

async function saysItIsOurs(file: string): Promise<boolean> {
  const header = Buffer.alloc(HEADER_BYTES)
  const handle = await open(file, 'r')
  try {
    await handle.read(header, 0, HEADER_BYTES, 0)
  } finally {
    await handle.close()
  }
  return header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID
}

function notOurs(file: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', `${file} is not a registry file: give a path where there is nothing yet`)
}

function explained(error: unknown, file: string): FrontierError {
  if (isFrontierError(error)) return error
  const why = error instanceof Error ? error.message : String(error)
  const reason = codeOf(error).startsWith('SQLITE_BUSY')
    ? `the registry file ${file} is in use by another gateway: each needs a file of its own`
    : `the registry file ${file} cannot be used: ${why}`
  return new FrontierError('UNAVAILABLE', reason, { cause: error })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
