import { spawn, type ChildProcess } from 'node:child_process'

export interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  timedOut: boolean
  /** What it wrote to stdout and stderr, in the order it came. */
  output: string
}

export interface ChildOptions {
  cwd?: string
  env?: Record<string, string>
  timeoutMs?: number
}

/** Runs a Node program to its end; one that does not end in time is killed. */
export async function runNode(args: readonly string[], options: ChildOptions = {}): Promise<Finished> {
  return (await startNode(args, options)).finished
}

/** Starts a Node program: the caller waits for `finished`, or kills it. */
export async function startNode(
  args: readonly string[],
  options: ChildOptions = {},
): Promise<{ child: ChildProcess; finished: Promise<Finished> }> {
  const { cwd, env, timeoutMs = 15_000 } = options
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let timedOut = false
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const timer = setTimeout(() => {
    timedOut = true
    child.kill('SIGKILL')
  }, timeoutMs)
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, timedOut, output })
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve).once('error', reject)
  })
  return { child, finished }
}
