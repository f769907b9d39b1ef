// Both ends of a stream on bare sockets: the source writes a number of bytes, the sink answers with one byte when it has them all.
import { once } from 'node:events'
import { connect } from 'node:net'

import type { SinkRole, SourceRole } from './role.js'

/** Counts what it is sent. */
export function rawSink(): SinkRole {
  return {
    info: null,
    commands: {
      async expect({ port, bytes }) {
        const socket = connect({ port, host: '127.0.0.1', noDelay: true })
        await once(socket, 'connect')
        let left = bytes
        socket.on('data', (chunk) => {
          left -= chunk.length
          if (left === 0) socket.end('.')
        })
        socket.on('error', () => socket.destroy())
        return null
      },
    },
  }
}

/** Writes. */
export function rawSource(): SourceRole {
  return {
    info: null,
    commands: {
      async send({ port, bytes, chunkBytes }) {
        const socket = connect({ port, host: '127.0.0.1', noDelay: true })
        await once(socket, 'connect')
        const chunk = Buffer.alloc(chunkBytes, 0x61)
        const answered = once(socket, 'data')
        const startedAt = performance.now()
        for (let left = bytes; left > 0; left -= chunkBytes) {
          if (!socket.write(left < chunkBytes ? chunk.subarray(0, left) : chunk)) await once(socket, 'drain')
        }
        await answered
        const seconds = (performance.now() - startedAt) / 1000
        socket.destroy()
        return { seconds }
      },
    },
  }
}
