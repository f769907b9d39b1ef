import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

import type { Usage } from '../process/usage.js'
import type { ForeignServerRole } from './role.js'

/** Steps of CPU time in /proc, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

/** Keeps a NATS server, which ends with this process. */
export async function natsServer(program: string): Promise<ForeignServerRole> {
  const server = spawn(program, ['-a', '127.0.0.1', '-p', '-1'], { stdio: ['ignore', 'ignore', 'pipe'] })
  process.once('exit', () => server.kill('SIGKILL'))
  await once(server, 'spawn')
  const port = await portOf(server.stderr)
  server.stderr.resume()
  return { info: { port }, commands: { used: () => usageOf(server.pid!) } }
}

async function portOf(log: NodeJS.ReadableStream): Promise<number> {
  for await (const line of createInterface({ input: log })) {
    const match = /Listening for client connections on .*:(\d+)/.exec(line)
    if (match !== null) return Number(match[1])
  }
  throw new Error('the NATS server ended before it listened')
}

/** NaN where there is no /proc. */
function usageOf(pid: number): Usage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, rssBytes: Number(fields[21]) * PAGE_BYTES }
  } catch {
    return { cpuSeconds: Number.NaN, rssBytes: Number.NaN }
  }
}
