import { accessSync, constants } from 'node:fs'
import path from 'node:path'

import type { Middle } from './gateway.js'
import { startWorker } from './worker.js'

/** The NATS server: the file that NATS_SERVER names, or `nats-server` on the PATH; undefined when there is none. */
export function findNatsServer(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['NATS_SERVER']
  if (named !== undefined && named !== '') return isProgram(named) ? named : undefined
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => path.join(folder, 'nats-server')).find(isProgram)
}

/** Starts it with its defaults on a free port. */
export async function startNats(program: string): Promise<Middle> {
  const worker = await startWorker('nats-server', { args: [program] })
  const { port } = worker.info
  const child = { usage: () => worker.ask('used'), stop: () => worker.child.stop() }
  return { child, servicePort: port, edgePort: port }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
