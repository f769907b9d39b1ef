import { createServer } from 'node:http'

import { WebSocketServer, type WebSocket } from 'ws'

import { listening } from './relay.js'
import type { MiddleRole } from './role.js'

const ID_AT = 8

/** The relay of frames over WebSockets: each message is a frame, which gets an id of its own where it lies. */
export async function wsRelay(): Promise<MiddleRole> {
  const asked = new Map<number, { edge: WebSocket; id: number }>()
  let service: WebSocket | undefined
  let lastId = 0
  const servicePort = await listen((socket) => {
    service = socket
    socket.on('message', (frame: Buffer) => {
      const id = frame.readUInt32BE(ID_AT)
      const asker = asked.get(id)
      asked.delete(id)
      if (asker === undefined) return
      frame.writeUInt32BE(asker.id, ID_AT)
      asker.edge.send(frame)
    })
  })
  const edgePort = await listen((socket) => {
    socket.on('message', (frame: Buffer) => {
      lastId = (lastId + 1) >>> 0
      asked.set(lastId, { edge: socket, id: frame.readUInt32BE(ID_AT) })
      frame.writeUInt32BE(lastId, ID_AT)
      service?.send(frame)
    })
  })
  return { info: { servicePort, edgePort }, commands: {} }
}

async function listen(onSocket: (socket: WebSocket) => void): Promise<number> {
  const http = createServer()
  new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', onSocket)
  return listening(http)
}
