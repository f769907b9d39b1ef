import { setMaxListeners } from 'node:events'
import { writeSync } from 'node:fs'
import { addAbortSignal } from 'node:stream'
import { buffer } from 'node:stream/consumers'

import type { CliHost } from './cli-host.js'
import { ContextStore } from './context-store.js'
import { outputOf } from './output.js'

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/**
 * The world of this process. A second signal, and a reader of its output that goes away, end it at once: nobody waits for the rest.
 */
export function processHost(): Omit<CliHost, 'connection' | 'gateway'> {
  const stop = new AbortController()
  // Every call and every link listens to it, as many as there are.
  setMaxListeners(0, stop.signal)
  for (const [signal, exitCode] of Object.entries(signals)) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(exitCode)
      stop.abort(exitCode)
    })
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    process.exit(toldOnStderr(`cannot write what it has found: ${error.message}`))
  })
  // Remarks may be lost: how the command ends does not hang on who reads them.
  process.stderr.on('error', () => undefined)
  let stdin: Promise<Uint8Array> | undefined
  return {
    env: process.env,
    out: outputOf(process.stdout, process.env),
    error: outputOf(process.stderr, process.env, { mayFail: true }),
    contexts: new ContextStore(process.env),
    stop: stop.signal,
    readStdin: () => (stdin ??= buffer(addAbortSignal(stop.signal, process.stdin))),
    onKey: (listener) => listenToKeys(listener, () => process.kill(process.pid, 'SIGINT')),
  }
}

/** Says it at once, whatever is under way, and returns the exit code. */
function toldOnStderr(reason: string): number {
  try {
    writeSync(process.stderr.fd, `frontier: ${reason}\n`)
  } catch {
    // Nobody hears it there either.
  }
  return 1
}

/** Keys as they are pressed. The terminal no longer makes a signal of Ctrl-C then: `interrupt` does. */
function listenToKeys(listener: (key: string) => void, interrupt: () => void): Disposable {
  const { stdin } = process
  if (!stdin.isTTY) return { [Symbol.dispose]: () => undefined }
  const onData = (data: Buffer): void => {
    for (const key of data.toString()) {
      if (key === '\u0003') interrupt()
      else listener(key)
    }
  }
  // Node gives the terminal back as it was when the process exits, however that comes.
  stdin.setRawMode(true)
  stdin.on('data', onData)
  return {
    [Symbol.dispose]: () => {
      stdin.off('data', onData)
      stdin.setRawMode(false)
      stdin.pause()
    },
  }
}
