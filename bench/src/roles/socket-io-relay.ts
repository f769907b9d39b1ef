import { createServer } from 'node:http'

import { Server, type Socket } from 'socket.io'

import { ECHO } from '../load.js'
import { listening } from './relay.js'
import type { MiddleRole } from './role.js'

/** A Socket.IO server that hands what edges emit on to one service, and its acknowledgement back. */
export async function socketIoRelay(): Promise<MiddleRole> {
  const http = createServer()
  const server = new Server(http, { transports: ['websocket'], serveClient: false })
  let service: Socket | undefined
  server.of('/service').on('connection', (socket) => {
    service = socket
  })
  server.of('/edge').on('connection', (socket) => {
    socket.on(ECHO, (data: Buffer, answer: (data: Buffer) => void) => {
      service?.emit(ECHO, data, answer)
    })
  })
  const port = await listening(http)
  return { info: { servicePort: port, edgePort: port }, commands: {} }
}
