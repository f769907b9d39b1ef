// A broker that runs: its processes, started by a plan and found again by the files in its data folder.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { certificate } from './certificates.mjs'
import { isAlive } from './install-tools.mjs'
import { kindOf } from './kinds.mjs'
import { dataFolder, takePorts } from './ports.mjs'

const START_MS = 90_000
const TERMINATE_MS = 20_000

export class Broker {
  /** The processes that this object started and that have not ended, by their names. @type {Map<string, number>} */
  #pids = new Map()
  #data
  #plan
  /** Ends when this process does, in whatever way, and takes the broker along. @type {import('node:child_process').ChildProcess | undefined} */
  #guard

  /** A broker whose ports are taken already; nothing is started. */
  constructor(/** @type {string} */ name, /** @type {number} */ base) {
    this.name = name
    this.base = base
    this.#data = dataFolder(base)
    this.#plan = kindOf(name).describe(name, { ports: Array.from({ length: 16 }, (_, index) => base + index), data: this.#data })
    const { address, addresses = [address], credentials, tls } = this.#plan
    this.address = address
    this.addresses = addresses
    if (credentials !== undefined) this.credentials = credentials
    if (tls !== undefined) this.tls = { address: tls, ca: pem('ca.pem'), cert: pem('client.pem'), key: pem('client.key') }
    this.env = { ...this.#plan.env, ...(tls === undefined ? {} : { BROKERS_CA: certificate('ca.pem') }) }
    this.processes = this.#plan.processes.map((process) => process.name)
    for (const process of this.processes) {
      const pid = this.#readPid(process)
      if (pid !== undefined) this.#pids.set(process, pid)
    }
  }

  /**
   * Starts a broker with empty data; resolves when it serves.
   * @param {string} name
   * @param {{ stays?: boolean }} [options] stays: it goes on when this process ends
   */
  static async start(name, { stays = false } = {}) {
    const broker = new Broker(name, await takePorts())
    try {
      mkdirSync(path.join(broker.#data, 'pids'), { recursive: true })
      if (stays) writeFileSync(path.join(broker.#data, 'name'), name)
      else broker.#startGuard()
      for (const { prepare } of broker.#plan.processes) await prepare?.()
      await broker.#up(broker.processes)
      await broker.#plan.once?.()
      await broker.#until('ready', async () => broker.#plan.ready?.())
      return broker
    } catch (error) {
      const log = broker.log()
      await broker.stop()
      throw new Error(`${name} does not start: ${messageOf(error)}\n${log}`, { cause: error })
    }
  }

  /** The pids of what runs. */
  get pids() {
    return [...this.#pids].filter(([, pid]) => isAlive(pid)).map(([, pid]) => pid)
  }

  async kill(/** @type {string | undefined} */ process) {
    await this.#end('SIGKILL', process)
  }

  async terminate(/** @type {string | undefined} */ process) {
    await this.#end('SIGTERM', process)
  }

  async pause(/** @type {string | undefined} */ process) {
    const names = this.#named(process)
    for (const name of names) this.#signal(name, 'SIGSTOP')
    // A thread has to take the signal before all of them stop: on a busy machine the others go on for a while.
    await Promise.all(names.map(async (name) => {
      while (goesOn(this.#pids.get(name))) await delay(1)
    }))
  }

  async resume(/** @type {string | undefined} */ process) {
    for (const name of this.#named(process)) this.#signal(name, 'SIGCONT')
  }

  async restart(/** @type {string | undefined} */ process) {
    await this.terminate(process)
    await this.#up(this.#named(process))
    if (process === undefined) await this.#until('ready', async () => this.#plan.ready?.())
  }

  async stop() {
    await this.kill()
    // From here on another broker may have its ports, and so its folder: the guard is to leave that alone.
    this.#guard?.stdin?.end('stopped\n')
    rmSync(this.#data, { recursive: true, force: true, maxRetries: 5 })
    this.#guard = undefined
  }

  log() {
    return this.processes
      .map((process) => path.join(this.#data, `${process}.log`))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8').split('\n').slice(-20).join('\n'))
      .join('\n')
  }

  /** @param {readonly string[]} names */
  async #up(names) {
    const plans = this.#plan.processes.filter(({ name }) => names.includes(name))
    for (const plan of plans) {
      this.#spawn(plan)
      if (plan.isFirst) await this.#until(plan.name, plan.ready)
    }
    await Promise.all(plans.map((plan) => this.#until(plan.name, plan.ready)))
  }

  /** @param {string | undefined} process */
  #named(process) {
    if (process === undefined) return this.processes
    if (!this.processes.includes(process)) throw new Error(`${this.name} has no process ${process}; it has ${this.processes.join(', ')}`)
    return [process]
  }

  /** @param {import('./kind.d.ts').ProcessPlan} plan */
  #spawn({ name, command, env }) {
    const log = openSync(path.join(this.#data, `${name}.log`), 'a')
    const [program = '', ...args] = command
    // In a group of its own, which signals reach as a whole; a Ctrl-C here does not.
    const child = spawn(program, args, { cwd: this.#data, detached: true, stdio: ['ignore', log, log], env: { ...process.env, ...env } })
    closeSync(log)
    child.on('error', () => {}) // a program that is not there: no pid
    child.unref()
    if (child.pid === undefined) throw new Error(`${program} cannot be started`)
    this.#pids.set(name, child.pid)
    writeFileSync(this.#pidFile(name), String(child.pid))
  }

  /** @param {string} name @param {NodeJS.Signals} signal */
  #signal(name, signal) {
    const pid = this.#pids.get(name)
    if (pid === undefined || !isAlive(-pid)) return false
    try {
      process.kill(-pid, signal)
      return true
    } catch {
      return false
    }
  }

  /** @param {'SIGTERM' | 'SIGKILL'} signal @param {string | undefined} process */
  async #end(signal, process) {
    const names = this.#named(process).filter((name) => this.#pids.has(name)).reverse()
    for (const name of names) {
      this.#signal(name, signal)
      this.#signal(name, 'SIGCONT') // one that was paused would not see it
    }
    const deadline = performance.now() + TERMINATE_MS
    for (const name of names) {
      for (let pid = this.#pids.get(name), polls = 1; pid !== undefined && isAlive(pid); polls++) {
        if (performance.now() > deadline) this.#signal(name, 'SIGKILL')
        // A Redis replica forgets a SIGTERM that comes while it loads what its master sent.
        else if (polls % 200 === 0) this.#signal(name, signal)
        await delay(5)
      }
      this.#pids.delete(name)
      rmSync(this.#pidFile(name), { force: true })
    }
  }

  /** @param {string} what @param {() => Promise<unknown>} check */
  async #until(what, check) {
    const deadline = performance.now() + START_MS
    for (;;) {
      try {
        await check()
        return
      } catch (error) {
        const pid = this.#pids.get(what)
        if (pid !== undefined && !isAlive(pid)) throw new Error(`${what} has ended`, { cause: error })
        if (performance.now() > deadline) throw new Error(`${what}: ${messageOf(error)}`, { cause: error })
      }
      await delay(25)
    }
  }

  #startGuard() {
    const script = 'trap "" INT TERM HUP; read -r word; [ "$word" = stopped ] && exit; for file in "$1"/pids/*; do [ -f "$file" ] && kill -s KILL -- "-$(cat "$file")"; done; sleep 0.2; rm -rf "$1"'
    this.#guard = spawn('sh', ['-c', script, 'guard', this.#data], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    this.#guard.unref()
    const { stdin } = this.#guard
    stdin?.on('error', () => {})
    if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
  }

  #pidFile(/** @type {string} */ process) {
    return path.join(this.#data, 'pids', process)
  }

  #readPid(/** @type {string} */ process) {
    if (!existsSync(this.#pidFile(process))) return undefined
    const pid = Number(readFileSync(this.#pidFile(process), 'utf8'))
    return isAlive(pid) ? pid : undefined
  }
}

/** Whether a process runs that was told to stop. Where there is no /proc, nobody knows. @param {number | undefined} pid */
function goesOn(pid) {
  try {
    return pid !== undefined && !/^\d+ \(.*\) [TtZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

const pem = (/** @type {string} */ file) => readFileSync(certificate(file), 'utf8')

/** @param {unknown} error */
function messageOf(error) {
  const { message, cause } = /** @type {Error} */ (error)
  return cause instanceof Error ? `${message}: ${cause.message || cause.name}` : message
}
