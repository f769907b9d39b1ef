// Both ends of calls over Socket.IO: an emit whose acknowledgement is the answer.
import { io, type Socket } from 'socket.io-client'

import { askRound } from '../ask-round.js'
import { ECHO } from '../load.js'
import type { RequesterRole, ResponderRole } from './role.js'

/** Asks. */
export function socketIoRequester(): RequesterRole {
  let socket: Socket | undefined
  return {
    info: null,
    commands: {
      async connect({ port }) {
        socket = await connect(port, 'edge')
      },
      run(load) {
        const payload = Buffer.alloc(load.size, 0x61)
        return askRound(load, 1, () => new Promise((resolve) => socket!.emit(ECHO, payload, resolve)))
      },
      disconnect() {
        socket?.close()
        return Promise.resolve()
      },
    },
  }
}

/** Answers with what it is sent. */
export function socketIoResponder(): ResponderRole {
  let socket: Socket | undefined
  return {
    info: null,
    commands: {
      async connect({ port }) {
        socket = await connect(port, 'service')
        socket.on(ECHO, (data: Buffer, answer: (data: Buffer) => void) => {
          answer(data)
        })
        return []
      },
      disconnect() {
        socket?.close()
        return Promise.resolve()
      },
    },
  }
}

async function connect(port: number, namespace: 'edge' | 'service'): Promise<Socket> {
  const socket = io(`http://127.0.0.1:${port}/${namespace}`, { transports: ['websocket'] })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return socket
}
