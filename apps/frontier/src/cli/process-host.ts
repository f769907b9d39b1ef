import { setMaxListeners } from 'node:events'
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
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  }
  let stdin: Promise<Uint8Array> | undefined
  return {
    env: process.env,
    out: outputOf(process.stdout, process.env),
    error: outputOf(process.stderr, process.env),
    contexts: new ContextStore(process.env),
    stop: stop.signal,
    readStdin: () => (stdin ??= buffer(process.stdin)),
    onKey: (listener) => listenToKeys(listener, () => process.kill(process.pid, 'SIGINT')),
  }
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
