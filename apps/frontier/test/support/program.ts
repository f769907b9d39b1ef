import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The compiled program. */
export const main: string = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** How a run of the program ended. */
export interface Ending {
  readonly exitCode: number | null
  readonly out: string
  /** The same, byte for byte. */
  readonly bytes: Buffer
  readonly error: string
}

/** The program as a process, with pipes for its output. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #out: Buffer[] = []
  error = ''
  readonly ended: Promise<Ending>

  /** `stdin` undefined = none. The environment is empty but for `env`, so that no context of this machine's user is met. */
  constructor(args: readonly string[], { env = {}, stdin }: { env?: Readonly<Record<string, string>>; stdin?: string | Uint8Array } = {}) {
    this.#child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stdin?.end(stdin)
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#out.push(chunk))
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.error += chunk.toString()))
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (exitCode) => {
        resolve({ exitCode, out: this.out, bytes: Buffer.concat(this.#out), error: this.error })
      })
    })
  }

  get out(): string {
    return Buffer.concat(this.#out).toString()
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL')
    await this.ended
  }
}
