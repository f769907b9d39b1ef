// What every root script needs first: the pinned pnpm, the dependencies, the build. Needs Node and npm only.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { canLoadNative, nativeEnv } from './native-modules.mjs'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

const parent = process.ppid
const pnpmHome = path.join(root, '.pnpm-bin')
const pnpmEntry = path.join(pnpmHome, 'node_modules/pnpm/bin/pnpm.cjs')
const stampFile = path.join(root, 'node_modules/.frontier-install')
const quietTools = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }

/** Runs a command in the foreground; returns its exit code. */
export function run(command, args, options = {}) {
  const { cwd = root, env } = options
  const result = spawnSync(command, args, { cwd, stdio: 'inherit', env: toolEnv(env) })
  if (result.error) console.error(`${command}: ${result.error.message}`)
  return result.status ?? 1
}

/** Runs a Node program in the foreground. */
export const runNode = (args, options) => run(process.execPath, args, options)

/** The path of a tool's program in node_modules, so that no shell and no PATH is needed to start it. */
export function tool(name, bin = name) {
  const require = createRequire(path.join(root, 'package.json'))
  const folder = path.join(root, 'node_modules', name)
  const manifest = require(path.join(folder, 'package.json'))
  return path.join(folder, typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[bin])
}

/** Runs the pinned pnpm, installing it first where it is missing. */
export function pnpm(args, options) {
  const version = readJson('package.json').packageManager.split('@')[1]
  if (installedPnpm() !== version) {
    console.log(`Installing pnpm ${version} into .pnpm-bin`)
    mkdirSync(pnpmHome, { recursive: true })
    writeFileSync(path.join(pnpmHome, 'package.json'), '{ "private": true }\n')
    const npmArgs = ['install', '--prefix', pnpmHome, '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
    const status = run(process.platform === 'win32' ? 'npm.cmd' : 'npm', [...npmArgs, `pnpm@${version}`])
    if (status !== 0) process.exit(status)
  }
  return runNode([pnpmEntry, ...args], options)
}

/** Installs dependencies, unless what is there was installed from the present lockfile. */
export function install() {
  const stamp = installStamp()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  const env = nativeEnv()
  const status = pnpm(['install', '--frozen-lockfile', '--config.confirmModulesPurge=false'], { env })
  if (status !== 0) process.exit(status)
  if (!canLoadNative(root)) {
    console.log('better-sqlite3 is compiled anew for this Node')
    // Without it everything else works.
    pnpm(['rebuild', '--recursive', 'better-sqlite3'], { env })
  }
  writeFileSync(stampFile, stamp)
}

/** Compiles what is stale, all or one project with what it depends on; returns the exit code. */
export function compile(project = 'tsconfig.build.json') {
  return runNode([tool('typescript', 'tsc'), '-b', project])
}

/** Installs and compiles; ends the process where that fails. */
export function prepare(project) {
  install()
  const status = compile(project)
  if (status !== 0) process.exit(status)
}

/** Runs a compiled program in this process: same terminal, same signals, same exit code. */
export async function become(program, args) {
  endWithParent()
  process.chdir(root)
  process.argv = [process.execPath, path.join(root, program), ...args]
  await import(pathToFileURL(path.join(root, program)).href)
}

/** Between npm and a script stands a shell, which dies of a signal to npm without passing it on: whoever stops npm wants this stopped. */
function endWithParent() {
  if (process.env.npm_lifecycle_event === undefined) return
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 250)
  timer.unref()
}

/** What the user typed after the script's name, with or without a `--` in front. */
export function userArgs() {
  const args = process.argv.slice(2)
  return args[0] === '--' ? args.slice(1) : args
}

function toolEnv(extra) {
  const pnpmPath = path.join(pnpmHome, 'node_modules/.bin')
  return { ...process.env, ...quietTools, PATH: `${pnpmPath}${path.delimiter}${process.env.PATH}`, ...extra }
}

function installedPnpm() {
  const manifest = '.pnpm-bin/node_modules/pnpm/package.json'
  return existsSync(path.join(root, manifest)) ? readJson(manifest).version : undefined
}

function installStamp() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}\n`)
  for (const file of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml'])
    hash.update(readFileSync(path.join(root, file)))
  return hash.digest('hex')
}

function readJson(file) {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'))
}
