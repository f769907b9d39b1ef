import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

let running: ChildProcess | undefined

/** Runs a command in `cwd` and returns what it printed; its complaints go to the terminal. @throws when it fails */
export async function runIn(cwd: string, command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  running = child
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  running = undefined
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with code ${code}\n${output}`)
  return output
}

/** Ends what is running; resolves when it is gone, so that it writes nothing any more. */
export async function endRunning(): Promise<void> {
  if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
  const gone = once(running, 'exit')
  running.kill('SIGTERM')
  await gone
}
