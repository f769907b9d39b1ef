// The ceiling of streams: bytes from one socket to another, with back-pressure and nothing else.
import { createServer, type Socket } from 'node:net'

import { listening } from './relay.js'
import type { MiddleRole } from './role.js'

/** Starts the splice on free ports: each connection on the edge port is joined to the oldest free one on the service port. */
export async function splice(): Promise<MiddleRole> {
  const free: Socket[] = []
  const services = createServer((socket) => {
    socket.setNoDelay(true)
    socket.pause()
    free.push(socket)
  })
  const edges = createServer((socket) => {
    socket.setNoDelay(true)
    const service = free.shift()
    if (service === undefined) {
      socket.destroy()
      return
    }
    pour(socket, service)
    pour(service, socket)
  })
  return { info: { servicePort: await listening(services), edgePort: await listening(edges) }, commands: {} }
}

function pour(from: Socket, to: Socket): void {
  from.on('data', (chunk) => {
    if (!to.write(chunk)) from.pause()
  })
  to.on('drain', () => from.resume())
  from.on('end', () => to.end())
  from.on('error', () => to.destroy())
  from.resume()
}
