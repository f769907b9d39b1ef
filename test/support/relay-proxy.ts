import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { hostPort } from './loopback-gateway.js'

/** How a proxy treats what it forwards. */
export interface RelayOptions {
  /** Bits per second, each direction of each connection for itself; as fast as it goes by default. */
  bitsPerSecond?: number
}

/** Stands between a dialler and a gateway: a way that is slow, or falls silent. */
export interface RelayProxy extends AsyncDisposable {
  readonly address: string
  /** Connections that are open on the gateway's side. */
  readonly size: number
  /** From now on nothing passes on the connections there are, in either direction, and nobody is told: no FIN, no RST. New ones work. */
  silence(): void
}

/** Passes bytes on as a line of that speed would: a few at a time, the rest waits in front of it. */
class Direction {
  readonly #from: Socket
  readonly #to: Socket
  readonly #bytesPerMs: number
  #queue: Buffer[] = []
  #since = 0
  #sent = 0
  #timer: NodeJS.Timeout | undefined = undefined
  #isSilent = false
  #hasEnded = false

  constructor(from: Socket, to: Socket, bitsPerSecond: number) {
    this.#from = from
    this.#to = to
    this.#bytesPerMs = bitsPerSecond / 8000
    from.on('data', (chunk: Buffer) => {
      this.#take(chunk)
    })
    from.on('end', () => {
      this.#hasEnded = true
      if (this.#queue.length === 0 && !this.#isSilent) to.end()
    })
    to.on('drain', () => {
      if (!this.#isSilent && this.#queue.length === 0) from.resume()
    })
  }

  silence(): void {
    this.#isSilent = true
    this.#from.pause()
    this.stop()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #take(chunk: Buffer): void {
    if (this.#isSilent) return
    if (!Number.isFinite(this.#bytesPerMs)) {
      if (!this.#to.write(chunk)) this.#from.pause()
      return
    }
    if (this.#queue.length === 0) {
      this.#since = performance.now()
      this.#sent = 0
      this.#wait()
    }
    this.#queue.push(chunk)
    this.#from.pause()
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#pass()
    }, 1)
  }

  #pass(): void {
    // What the line has carried since it became busy: a late timer loses no speed.
    let room = Math.floor((performance.now() - this.#since) * this.#bytesPerMs) - this.#sent
    while (room > 0 && this.#queue.length > 0) {
      const head = this.#queue[0]!
      const piece = head.subarray(0, room)
      this.#to.write(piece)
      this.#sent += piece.length
      room -= piece.length
      if (piece.length === head.length) this.#queue.shift()
      else this.#queue[0] = head.subarray(piece.length)
    }
    // The next chunk is fetched while the last one is on the line, so that the line is never idle for want of a read.
    if (this.#queue.length <= 1) this.#from.resume()
    if (this.#queue.length > 0) this.#wait()
    else if (this.#hasEnded) this.#to.end()
  }
}

/** Listens on a free port and forwards to `target`, an address of a gateway. */
export async function relayProxy(target: string, options: RelayOptions = {}): Promise<RelayProxy> {
  const { bitsPerSecond = Number.POSITIVE_INFINITY } = options
  const directions = new Set<Direction>()
  const sockets = new Set<Socket>()
  const upstreams = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ ...hostPort(target), allowHalfOpen: true, noDelay: true })
    const pair = [new Direction(near, far, bitsPerSecond), new Direction(far, near, bitsPerSecond)]
    upstreams.add(far)
    for (const direction of pair) directions.add(direction)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        upstreams.delete(socket)
        for (const direction of pair) {
          direction.stop()
          directions.delete(direction)
        }
        other.destroySoon()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get size() {
      return upstreams.size
    },
    silence() {
      for (const direction of directions) direction.silence()
    },
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
