import type { IPty } from '@lydell/node-pty'
import { vi } from 'vitest'

import { main } from './program.js'

/** Undefined where the ready-made binaries of the package do not run. Under CI that is a failure, not a reason to skip. */
const pty = await import('@lydell/node-pty').catch((error: unknown) => {
  if (process.env['CI'] === 'true') throw error
  return undefined
})

/** Whether this machine can give a program a terminal. */
export const hasTerminals: boolean = pty !== undefined

const ESC = '\u001b'
const steering = new RegExp(`${ESC}\\[[0-9;?]*[A-Za-z]`, 'g')

/** The program in a terminal of its own. */
export class Terminal implements AsyncDisposable {
  readonly #pty: IPty
  #isOver = false
  /** All that was written, with what steers the terminal. */
  raw = ''
  readonly exitCode: Promise<number>

  constructor(args: readonly string[], { columns = 100, rows = 30, env = {} }: { columns?: number; rows?: number; env?: Readonly<Record<string, string>> } = {}) {
    const environment = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', TERM: 'xterm-256color', ...env }
    this.#pty = pty!.spawn(process.execPath, [main, ...args], { cols: columns, rows, env: environment })
    this.#pty.onData((data) => (this.raw += data))
    this.exitCode = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode }) => {
        this.#isOver = true
        resolve(exitCode)
      })
    })
  }

  /** What was written, as text alone. */
  get text(): string {
    return this.raw.replaceAll(steering, '').replaceAll('\r\n', '\n')
  }

  /** The lines of what was drawn last on a screen that is drawn over and over. */
  get screen(): string[] {
    const begin = this.raw.lastIndexOf('\u001b[H', this.raw.lastIndexOf('\u001b[J'))
    const drawn = this.raw.slice(begin, this.raw.lastIndexOf('\u001b[J'))
    return drawn.split(/\r+\n/).map((line) => line.replaceAll(steering, ''))
  }

  /** Waits for text. */
  async sees(text: string | RegExp): Promise<void> {
    await vi.waitFor(
      () => {
        if (typeof text === 'string' ? !this.text.includes(text) : !text.test(this.text)) throw new Error(`no ${String(text)} in ${JSON.stringify(this.raw)}`)
      },
      { timeout: 20_000 },
    )
  }

  type(keys: string): void {
    this.#pty.write(keys)
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows)
  }

  kill(signal: NodeJS.Signals): void {
    this.#pty.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.#pty.kill('SIGKILL')
    await this.exitCode
  }
}
