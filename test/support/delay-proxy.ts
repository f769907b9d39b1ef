import { createServer, connect, type Socket, type AddressInfo } from 'node:net'
import { hostPort } from './loopback-gateway.js'

/** A TCP relay in front of one address that can be far away, or gone. */
export interface DelayProxy extends AsyncDisposable {
  /** Where to dial instead, as `tcp://…`. */
  readonly address: string
  /** Bytes that came out, to the target and back. */
  readonly forwardedBytes: { toTarget: number; toClient: number }
  /** Ends all connections on both sides: with FIN, or abruptly with RST. */
  cut(how: 'fin' | 'reset'): void
}

/** The most that one direction holds before it stops reading: what a fast and long way has in flight. */
const MAX_HELD_BYTES = 32 * 1024 * 1024

interface Item {
  chunk: Buffer | undefined
  dueAt: number
}

/** One direction of one connection. */
class Way {
  readonly #from: Socket
  readonly #to: Socket
  readonly #delayMs: number
  readonly #count: (bytes: number) => void
  readonly #items: Item[] = []
  #heldBytes = 0
  #timer: NodeJS.Timeout | undefined
  #isBlocked = false

  constructor(from: Socket, to: Socket, delayMs: number, count: (bytes: number) => void) {
    this.#from = from
    this.#to = to
    this.#delayMs = delayMs
    this.#count = count
    from.on('data', (chunk: Buffer) => {
      this.#heldBytes += chunk.length
      this.#push(chunk)
      if (this.#heldBytes > MAX_HELD_BYTES) from.pause()
    })
    from.on('end', () => {
      this.#push(undefined)
    })
    to.on('drain', () => {
      this.#isBlocked = false
      this.#run()
    })
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#items.length = 0
    this.#isBlocked = true
  }

  #push(chunk: Buffer | undefined): void {
    this.#items.push({ chunk, dueAt: performance.now() + this.#delayMs })
    if (this.#items.length === 1) this.#run()
  }

  #run(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    let done = 0
    for (; done < this.#items.length && !this.#isBlocked; done++) {
      const { chunk, dueAt } = this.#items[done]!
      const leftMs = dueAt - performance.now()
      if (leftMs > 0) {
        this.#timer = setTimeout(() => {
          this.#run()
        }, leftMs)
        break
      }
      if (chunk === undefined) {
        this.#to.end()
        continue
      }
      this.#heldBytes -= chunk.length
      this.#count(chunk.length)
      this.#isBlocked = !this.#to.write(chunk)
    }
    this.#items.splice(0, done)
    if (this.#from.isPaused() && this.#heldBytes < MAX_HELD_BYTES / 2) this.#from.resume()
  }
}

/** Relays connections to `target` from a free port of this machine; each byte travels `delayMs` in either direction. */
export async function delayProxy(target: string, delayMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>()
  const forwardedBytes = { toTarget: 0, toClient: 0 }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ ...hostPort(target), allowHalfOpen: true, noDelay: true })
    const there = new Way(client, upstream, delayMs, (bytes) => (forwardedBytes.toTarget += bytes))
    const back = new Way(upstream, client, delayMs, (bytes) => (forwardedBytes.toClient += bytes))
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {
        other.destroy()
      })
      socket.on('close', () => {
        sockets.delete(socket)
        if (sockets.has(other)) return
        there.stop()
        back.stop()
      })
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const cut = (how: 'fin' | 'reset'): void => {
    for (const socket of [...sockets]) {
      if (how === 'reset') socket.resetAndDestroy()
      else socket.destroy()
    }
  }
  return {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardedBytes,
    cut,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      cut('reset')
      await closed
    },
  }
}
