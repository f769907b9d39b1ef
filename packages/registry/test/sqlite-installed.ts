import { createRequire } from 'node:module'

/** Whether the optional dependency is there. Where every check runs, it has to be. */
export const isSqliteInstalled: boolean = canLoad()

function canLoad(): boolean {
  try {
    createRequire(import.meta.url)('better-sqlite3')
    return true
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error
    return false
  }
}
