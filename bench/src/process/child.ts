import { fork, type ChildProcess } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { Usage } from './usage.js'

const REPORTER = new URL('usage-reporter.js', import.meta.url).href
const KILL_AFTER_MS = 5000

/** How a child is started. */
export interface ChildOptions {
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Write a CPU profile into this folder. */
  readonly profile?: string | undefined
}

/** So that two processes of one name do not write one file. */
let lastProfile = 0

interface Waiting {
  resolve(value: never): void
  reject(error: Error): void
}

/** A Node process of its own, which tells what it uses. */
export class Child {
  readonly name: string
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #exited: Promise<void>
  #lastId = 0
  #isStopping = false

  constructor(name: string, file: URL, options: ChildOptions = {}) {
    this.name = name
    const { args = [], env = process.env, profile } = options
    this.#process = fork(fileURLToPath(file), args, {
      env,
      // A profiler's name would hide what was asked of this process from the children.
      execArgv: ['--import', REPORTER, ...(profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile, '--cpu-prof-name', `${name}-${++lastProfile}-${Date.now()}.cpuprofile`])],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    this.#process.on('message', (message: { usageId?: number; answerId?: number; usage?: Usage; answer?: unknown; error?: string }) => {
      const id = message.usageId ?? message.answerId
      const waiting = this.#waiting.get(id!)
      this.#waiting.delete(id!)
      if (message.error !== undefined) waiting?.reject(new Error(`${name}: ${message.error}`))
      else waiting?.resolve((message.usage ?? message.answer) as never)
    })
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        const error = new Error(`${name} ended with ${signal ?? `code ${code}`}`)
        for (const waiting of this.#waiting.values()) waiting.reject(error)
        this.#waiting.clear()
        resolve()
      })
    })
  }

  /** Resolves with the text that `pattern` captures from each of as many lines of the child's output as there are patterns. */
  async announced(...patterns: RegExp[]): Promise<string[]> {
    const found: string[] = []
    const { stdout } = this.#process
    for await (const line of createInterface({ input: stdout! })) {
      const match = patterns[found.length]?.exec(line)
      if (match == null) continue
      found.push(match[1] ?? '')
      if (found.length < patterns.length) continue
      stdout!.resume() // whatever else it says must not fill the pipe
      return found
    }
    throw new Error(`${this.name} ended before it was ready`)
  }

  /** What the process has used so far. */
  usage(): Promise<Usage> {
    return this.#request((usageId) => ({ usageId }))
  }

  /** What a worker tells by itself when it is ready: a message that came before it listens would be lost. Call this at once. */
  started<T>(): Promise<T> {
    return new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject }))
  }

  /** Runs a command in a worker; see worker.ts. */
  request<T>(command: string, params: unknown): Promise<T> {
    return this.#request((requestId) => ({ requestId, command, params }))
  }

  /** Lets every process of normal priority go first from now on. */
  giveWay(): void {
    setPriority(this.#process.pid!, constants.priority.PRIORITY_BELOW_NORMAL)
  }

  /** Sends the process a signal; resolves when it has ended by it. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#process.kill(signal)
    await this.#exited
  }

  /** Ends the process; resolves when it is gone. */
  async stop(): Promise<void> {
    if (!this.#isStopping) {
      this.#isStopping = true
      const timer = setTimeout(() => this.#process.kill('SIGKILL'), KILL_AFTER_MS)
      void this.#exited.then(() => {
        clearTimeout(timer)
      })
      if (this.#process.connected) this.#process.disconnect()
    }
    await this.#exited
  }

  #request<T>(message: (id: number) => object): Promise<T> {
    const id = ++this.#lastId
    return new Promise<T>((resolve, reject) => {
      if (!this.#process.connected) {
        reject(new Error(`${this.name} has ended`))
        return
      }
      this.#waiting.set(id, { resolve, reject })
      this.#process.send(message(id))
    })
  }
}
