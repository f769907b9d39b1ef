// The ceiling: a relay of calls and messages on bare sockets with one service and many edges, the same work on each frame as in any relay that knows who
// asked: an id of its own, a place in a table, one copy, one write per link and turn. No routing, no limits, no deadlines, no errors.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

import { FrameType } from '@frontier/wire'

import type { RelayRole } from './role.js'

const HEADER_BYTES = 24
const LENGTH_AT = 4
const ID_AT = 8
/** The lower half of it: the relay numbers its edges from 1 on. */
const PEER_AT = 20
/** The id after which ids begin again: small integers stay cheap. */
const LAST_ID = 4e9

type OnFrame = (bytes: Buffer, start: number, end: number) => void

class BareLink {
  readonly #socket: Socket
  readonly #onFrame: OnFrame
  #out: Buffer[] = []
  #rest: Buffer | undefined = undefined

  constructor(socket: Socket, onFrame: OnFrame) {
    this.#socket = socket
    this.#onFrame = onFrame
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      this.#onData(chunk)
    })
  }

  forward(id: number, bytes: Buffer, start: number, end: number): void {
    const frame = Buffer.allocUnsafe(end - start)
    bytes.copy(frame, 0, start, end)
    frame.writeUInt32BE(id, ID_AT)
    if (this.#out.push(frame) === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const out = this.#out
    this.#out = []
    this.#socket.write(out.length === 1 ? out[0]! : Buffer.concat(out))
  }

  #onData(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at + LENGTH_AT)
      if (end > bytes.length) break
      this.#onFrame(bytes, at, end)
      at = end
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined
  }
}

/** Makes a server of one side: plain TCP or TLS. */
export type ListenRelay = (onSocket: (socket: Socket) => void) => Server

/** Starts the relay on free ports. */
export function relay(): Promise<RelayRole> {
  return startRelay(createServer)
}

/** Starts a relay whose sides are made by `listen`. */
export async function startRelay(listen: ListenRelay): Promise<RelayRole> {
  const asked = new Map<number, { link: BareLink; id: number }>()
  const edges = new Map<number, BareLink>()
  let service: BareLink | undefined
  let lastId = 0
  let lastEdge = 0

  const note = (link: BareLink, bytes: Buffer, start: number): number => {
    lastId = lastId < LAST_ID ? lastId + 1 : 1
    asked.set(lastId, { link, id: bytes.readUInt32BE(start + ID_AT) })
    return lastId
  }
  const answer = (bytes: Buffer, start: number, end: number): void => {
    const id = bytes.readUInt32BE(start + ID_AT)
    const asker = asked.get(id)
    asked.delete(id)
    asker?.link.forward(asker.id, bytes, start, end)
  }

  const services = listen((socket) => {
    const link = new BareLink(socket, (bytes, start, end) => {
      if (isRequest(bytes, start)) edges.get(bytes.readUInt32BE(start + PEER_AT))?.forward(note(link, bytes, start), bytes, start, end)
      else answer(bytes, start, end)
    })
    service = link
  })
  const edgeServer = listen((socket) => {
    const link = new BareLink(socket, (bytes, start, end) => {
      if (isRequest(bytes, start)) service?.forward(note(link, bytes, start), bytes, start, end)
      else answer(bytes, start, end)
    })
    const edge = ++lastEdge
    edges.set(edge, link)
    socket.once('close', () => {
      edges.delete(edge)
      edgeServer.emit('edge')
    })
    edgeServer.emit('edge')
  })
  return {
    info: { servicePort: await listening(services), edgePort: await listening(edgeServer) },
    commands: {
      async edgeIds({ count }) {
        // Those of the step before may still be going: who asked them would wait for ever.
        while (edges.size !== count) await once(edgeServer, 'edge')
        return [...edges.keys()].map(String)
      },
    },
  }
}

function isRequest(bytes: Buffer, start: number): boolean {
  const type = bytes[start + 1]
  return type === FrameType.CALL || type === FrameType.MESSAGE
}

/** Makes a server listen on a free port of this machine. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
