// The ceiling: a relay of calls on bare sockets with one service and many edges, the same work on each frame as in any relay that knows who asked:
// an id of its own, a place in a table, one copy, one write per link and turn. No routing, no limits, no deadlines, no errors.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

import type { MiddleRole } from './role.js'

const HEADER_BYTES = 24
const LENGTH_AT = 4
const ID_AT = 8
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

/** Starts the relay on free ports. */
export async function relay(): Promise<MiddleRole> {
  const asked = new Map<number, { link: BareLink; id: number }>()
  let service: BareLink | undefined
  let lastId = 0

  const services = createServer((socket) => {
    service = new BareLink(socket, (bytes, start, end) => {
      const id = bytes.readUInt32BE(start + ID_AT)
      const asker = asked.get(id)
      asked.delete(id)
      asker?.link.forward(asker.id, bytes, start, end)
    })
  })
  const edges = createServer((socket) => {
    const link = new BareLink(socket, (bytes, start, end) => {
      lastId = lastId < LAST_ID ? lastId + 1 : 1
      asked.set(lastId, { link, id: bytes.readUInt32BE(start + ID_AT) })
      service?.forward(lastId, bytes, start, end)
    })
  })
  return { info: { servicePort: await listening(services), edgePort: await listening(edges) }, commands: {} }
}

/** Makes a server listen on a free port of this machine. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
