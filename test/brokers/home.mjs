import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

const { env, platform } = process
const cache = env.XDG_CACHE_HOME ?? path.join(homedir(), platform === 'darwin' ? 'Library/Caches' : '.cache')

/** Where programs are kept (`dist`), and what running brokers write (`data`, one folder for each). */
export const home = path.resolve(env.FRONTIER_BROKERS_HOME ?? path.join(cache, 'frontier-test-brokers'))

/** A folder of it, made where it is missing. */
export function folder(/** @type {string[]} */ ...names) {
  const full = path.join(home, ...names)
  mkdirSync(full, { recursive: true })
  return full
}
