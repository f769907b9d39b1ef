import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../apps/frontier/dist/main.js', import.meta.url))

/** The program `frontier`, on ports that stay the same when it is started again. */
export interface GatewayProcess extends AsyncDisposable {
  readonly edgeAddress: string
  readonly serviceAddress: string
  /** kill -9: resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on the same ports; resolves when it listens. */
  start(): Promise<void>
}

/**
 * A free port below those that outgoing connections get: while nobody listens, a dialler must not be given the very port that it dials, which would
 * connect it to itself.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000)
    const server = createServer()
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    } catch {
      continue
    } finally {
      server.close()
    }
  }
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with code ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Writes a config, starts the program and waits until it listens. Needs `apps/frontier/dist`. */
export async function gatewayProcess(): Promise<GatewayProcess> {
  const [edgePort, servicePort] = [await freePort(), await freePort()]
  const directory = await mkdtemp(join(tmpdir(), 'frontier-guarantees-'))
  const config = join(directory, 'frontier.yaml')
  await writeFile(
    config,
    [
      'daemon: { drain_seconds: 0 }',
      `edgebound: { listen: { network: tcp, addr: "127.0.0.1:${edgePort}" } }`,
      `servicebound: { listen: { network: tcp, addr: "127.0.0.1:${servicePort}" } }`,
      '',
    ].join('\n'),
  )
  let child: ChildProcess | undefined
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [PROGRAM, '--config', config], { stdio: ['ignore', 'ignore', 'inherit'] })
    await answers(edgePort, child)
    await answers(servicePort, child)
  }
  await start()
  return {
    edgeAddress: `tcp://127.0.0.1:${edgePort}`,
    serviceAddress: `tcp://127.0.0.1:${servicePort}`,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(directory, { recursive: true })
    },
  }
}
