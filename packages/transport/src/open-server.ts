import { lstat, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'

import type { Address } from './address.js'
import { listenFailed } from './listen-failure.js'
import { systemCode } from './system-error.js'

/** Connections that the kernel keeps until we take them: room for everybody to come back at once. The kernel's own limit holds. */
const BACKLOG = 4_096

type SocketAddress = Exclude<Address, { transport: 'memory' }>

function tryListen(server: Server, address: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const onListening = (): void => {
      server.off('error', onError)
      resolve()
    }
    const onError = (error: Error): void => {
      server.off('listening', onListening)
      reject(error)
    }
    server.once('listening', onListening).once('error', onError)
    // exclusive: a worker of node:cluster must not share the port unasked.
    if (address.transport === 'unix') server.listen({ path: address.path, backlog: BACKLOG, exclusive: true })
    else server.listen({ host: address.host, port: address.port, backlog: BACKLOG, exclusive: true })
  })
}

/** Whether a unix socket was left behind by a process that is gone: it is a socket, and nobody accepts there. */
async function isLeftBehind(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats?.isSocket() !== true) return false
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error) => resolve(systemCode(error) === 'ECONNREFUSED'))
  })
}

/** Makes the server listen; throws UNAVAILABLE. A unix socket that a dead process left behind is replaced. */
export async function openServer(server: Server, address: SocketAddress): Promise<void> {
  try {
    await tryListen(server, address)
  } catch (error) {
    const isStale =
      address.transport === 'unix' && systemCode(error) === 'EADDRINUSE' && (await isLeftBehind(address.path))
    if (!isStale) throw listenFailed(address, error)
    await unlink(address.path)
    await tryListen(server, address).catch((again: unknown) => {
      throw listenFailed(address, again)
    })
  }
}
