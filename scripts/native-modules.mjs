// Modules that are compiled when nobody has them ready-made for this Node: better-sqlite3.
import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'

/** What installing needs in its environment: the headers of the Node that runs this, where they came with it. npm may be set to use those of another (`nodedir`). */
export function nativeEnv() {
  const root = path.dirname(path.dirname(realpathSync(process.execPath)))
  const ofPlatform = `node-${process.platform}-${process.arch}`
  // An archive of Node or a system's package, and the package `node` of npm.
  const headers = [root, path.join(root, 'node_modules', ofPlatform), path.join(path.dirname(root), ofPlatform)].find(hasHeaders)
  return headers === undefined ? {} : { npm_config_nodedir: headers }
}

/** Whether they can be loaded: pnpm keeps what was compiled once, also with headers of another Node. */
export function canLoadNative(/** @type {string} */ root) {
  const load = "new (require('better-sqlite3'))(':memory:').close()"
  return spawnSync(process.execPath, ['-e', load], { cwd: path.join(root, 'packages/registry'), stdio: 'ignore' }).status === 0
}

function hasHeaders(/** @type {string} */ folder) {
  try {
    const header = readFileSync(path.join(folder, 'include/node/node_version.h'), 'utf8')
    return /#define NODE_MODULE_VERSION (\d+)/.exec(header)?.[1] === process.versions.modules
  } catch {
    return false
  }
}
