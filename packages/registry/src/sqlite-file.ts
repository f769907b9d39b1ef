import { open, rm } from 'node:fs/promises'
import { FrontierError } from '@frontier/wire'

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
  const isOurs = await isRegistryFile(file)
  try {
    return openLocked(Database, file)
  } catch (error) {
    // A power cut may leave a file that cannot be read: nothing in it is worth a repair. Who has it open would have been told apart above.
    if (!isOurs || !['SQLITE_CORRUPT', 'SQLITE_NOTADB'].includes(codeOf(error))) throw explained(error, file)
    await Promise.all(['', '-wal', '-shm', '-journal'].map((end) => rm(file + end, { force: true })))
    return openLocked(Database, file)
  }
}

function openLocked(Database: SqlDatabaseClass, file: string): SqlDatabase {
  const db = new Database(file, { timeout: 0 })
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    // Whatever a crash leaves is forgotten: nothing has to be on the disk at any time.
    db.pragma('synchronous = OFF')
    db.pragma('temp_store = MEMORY')
    db.pragma('cache_size = -65536')
    // A write takes the lock, which is held to the end.
    db.pragma(`application_id = ${APPLICATION_ID.toString()}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Whether there is one; false when there is nothing. @throws INVALID_ARGUMENT when `file` is something else. */
async function isRegistryFile(file: string): Promise<boolean> {
  const header = Buffer.alloc(HEADER_BYTES)
  let length = 0
  try {
    const handle = await open(file, 'r')
    try {
      length = (await handle.read(header, 0, HEADER_BYTES, 0)).bytesRead
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw explained(error, file)
  }
  if (length === 0) return false
  if (length === HEADER_BYTES && header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID) return true
  throw new FrontierError('INVALID_ARGUMENT', `${file} is not a registry file: give a path where there is nothing yet`)
}

function explained(error: unknown, file: string): FrontierError {
  const code = codeOf(error)
  if (code.startsWith('SQLITE_BUSY')) {
    return new FrontierError('UNAVAILABLE', `the registry file ${file} is in use by another gateway: each needs a file of its own`, { cause: error })
  }
  const why = error instanceof Error ? error.message : String(error)
  return new FrontierError('UNAVAILABLE', `the registry file ${file} cannot be used: ${why}`, { cause: error })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
