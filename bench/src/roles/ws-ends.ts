// Both ends of the relay of frames over WebSockets.
import { once } from 'node:events'

import { encodeFrame, FrameType, parseBody } from '@frontier/wire'
import { WebSocket } from 'ws'

import { askRound } from '../ask-round.js'
import { ECHO } from '../load.js'
import type { RequesterRole, ResponderRole } from './role.js'

const ID_AT = 8

/** Asks. */
export function wsRequester(): RequesterRole {
  let socket: WebSocket | undefined
  let lastId = 0
  const waiting = new Map<number, () => void>()
  return {
    info: null,
    commands: {
      async connect({ port }) {
        socket = await connect(port)
        socket.on('message', (frame: Buffer) => {
          const id = frame.readUInt32BE(ID_AT)
          waiting.get(id)?.()
          waiting.delete(id)
        })
      },
      run(load) {
        const call = encodeFrame({ type: FrameType.CALL, key: ECHO, data: new Uint8Array(load.size).fill(0x61) })
        return askRound(load, 1, () => {
          const frame = Buffer.from(call)
          frame.writeUInt32BE(++lastId, ID_AT)
          socket!.send(frame)
          return new Promise<void>((resolve) => waiting.set(lastId, resolve))
        })
      },
      disconnect() {
        socket?.terminate()
        return Promise.resolve()
      },
    },
  }
}

/** Answers with what it is sent. */
export function wsResponder(): ResponderRole {
  let socket: WebSocket | undefined
  return {
    info: null,
    commands: {
      async connect({ port }) {
        const connected = await connect(port)
        socket = connected
        connected.on('message', (frame: Buffer) => {
          const { data } = parseBody(frame, 0, frame.length)
          connected.send(encodeFrame({ type: FrameType.ANSWER, id: frame.readUInt32BE(ID_AT), data }))
        })
        return []
      },
      disconnect() {
        socket?.terminate()
        return Promise.resolve()
      },
    },
  }
}

async function connect(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  await once(socket, 'open')
  return socket
}
