import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import type { StreamEndRole } from './role.js'
import { TakenBytes } from './taken-bytes.js'

/** One end of streams that are bare sockets: `connect` makes one for each edge. The other end must be there before an edge is. */
export function rawStreamEnd(): StreamEndRole {
  const taken = new TakenBytes()
  let sockets: Socket[] = []
  const pouring = new Set<Socket>()
  return {
    info: null,
    commands: {
      async connect({ port, edges }) {
        sockets = Array.from({ length: edges }, () => connect({ port, host: '127.0.0.1', noDelay: true }))
        for (const socket of sockets) {
          const stream = taken.open()
          socket.on('data', (chunk) => (stream.bytes += chunk.length))
          socket.on('error', () => socket.destroy())
        }
        await Promise.all(sockets.map((socket) => once(socket, 'connect')))
        return []
      },
      async pour({ streams, chunkBytes }) {
        const chunk = Buffer.alloc(chunkBytes, 0x61)
        for (const socket of sockets.slice(0, streams)) {
          pouring.add(socket)
          void pour(socket, chunk, () => pouring.has(socket))
        }
      },
      async stop() {
        pouring.clear()
        // What is on its way would be counted in the next round.
        await Promise.all(sockets.filter(({ writableNeedDrain }) => writableNeedDrain).map((socket) => once(socket, 'drain')))
      },
      taken: ({ ms }) => taken.during(ms),
    },
  }
}

async function pour(socket: Socket, chunk: Buffer, goesOn: () => boolean): Promise<void> {
  while (goesOn() && !socket.destroyed) {
    if (!socket.write(chunk)) await once(socket, 'drain')
  }
}
