// How programs come onto this machine: by apt, go and mvn, each with the registries that it is configured for.
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, openSync, closeSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { folder, home } from './home.mjs'

/** The full path of a program on the PATH or in `places`; undefined where there is none. */
export function which(/** @type {string} */ program, /** @type {string[]} */ ...places) {
  for (const place of [...places, ...(process.env.PATH ?? '').split(path.delimiter)]) {
    const file = path.join(place, program)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      continue
    }
  }
  return undefined
}

/** Runs a program to its end; what it says is shown only when it fails, as the error. */
export function run(/** @type {string} */ program, /** @type {string[]} */ args, /** @type {import('node:child_process').SpawnOptions} */ options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(said) : reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said.trim().split('\n').slice(-8).join('\n')}`)),
    )
  })
}

/** Whether packages can be installed here. */
export function hasApt() {
  return which('apt-get') !== undefined && (process.getuid?.() === 0 || which('sudo') !== undefined)
}

/** @type {Promise<void>} one apt-get at a time */
let apt = Promise.resolve()

/** Installs Debian packages; none of them starts a service of its own. */
export function aptInstall(/** @type {string[]} */ ...packages) {
  apt = apt.catch(() => {}).then(async () => {
    if (!hasApt()) throw new Error(`${packages.join(', ')} cannot be installed: no apt-get, or not root and no sudo`)
    const isRoot = process.getuid?.() === 0
    const asRoot = (/** @type {string} */ program, /** @type {string[]} */ ...args) =>
      isRoot ? run(program, args) : run('sudo', ['-n', program, ...args])
    const get = (/** @type {string[]} */ ...args) =>
      asRoot('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=120', ...args)
    const policy = '/usr/sbin/policy-rc.d' // asked by every package that wants to start its service
    const isOurs = !existsSync(policy)
    if (isOurs) await asRoot('sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' >${policy}; chmod +x ${policy}`)
    const install = () => get('install', '-y', '--no-install-recommends', ...packages)
    try {
      await install().catch(async () => {
        await get('update')
        await install()
      })
    } finally {
      if (isOurs) await asRoot('rm', '-f', policy)
    }
  })
  return apt
}

/** Whether `dist/NAME` is complete. */
export function isBuilt(/** @type {string} */ name) {
  return existsSync(path.join(home, 'dist', name))
}

/** The path of something in `dist`. */
export function built(/** @type {string[]} */ ...names) {
  return path.join(home, 'dist', ...names)
}

/** Fills `dist/NAME`, unless that was done: it is there whole, or not at all. */
export async function build(/** @type {string} */ name, /** @type {(folder: string) => Promise<unknown>} */ fill) {
  if (isBuilt(name)) return
  const next = `${built(name)}.${process.pid}`
  rmSync(next, { recursive: true, force: true })
  mkdirSync(next, { recursive: true })
  try {
    await fill(next)
    renameSync(next, built(name))
  } catch (error) {
    rmSync(next, { recursive: true, force: true })
    throw error
  }
}

/** Runs `action` while no other process of this machine installs. */
export async function alone(/** @type {() => Promise<unknown>} */ action) {
  const lock = path.join(folder(), 'install.lock')
  for (;;) {
    try {
      const file = openSync(lock, 'wx')
      writeFileSync(file, String(process.pid))
      closeSync(file)
      break
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
      const holder = Number(existsSync(lock) && readFileSync(lock, 'utf8'))
      if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true })
      else await delay(200)
    }
  }
  try {
    return await action()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Whether a process, or a process group (negative), is there. */
export function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
