import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { vi } from 'vitest'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** The compiled chat room in a process of its own. */
export class Program implements AsyncDisposable {
  out = ''
  error = ''
  readonly exitCode: Promise<number | null>
  readonly #child: ChildProcessWithoutNullStreams

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [main, ...args], { stdio: 'pipe' })
    this.#child.stdout.on('data', (chunk: Buffer) => (this.out += chunk.toString()))
    this.#child.stderr.on('data', (chunk: Buffer) => (this.error += chunk.toString()))
    this.exitCode = once(this.#child, 'close').then(([code]) => code as number | null)
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /** Ctrl-D. */
  endInput(): void {
    this.#child.stdin.end()
  }

  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  /** Waits until it has written `line`, or one that begins with it. */
  async said(line: string): Promise<void> {
    await vi.waitFor(
      () => {
        if (!this.out.split('\n').some((written) => written.startsWith(line))) throw new Error(`no line "${line}" in:\n${this.out}${this.error}`)
      },
      { timeout: 15_000 },
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exitCode
  }
}
