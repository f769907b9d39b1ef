import net from 'node:net'
import tls from 'node:tls'

import type { ISocketFactory } from 'kafkajs'

const KEEP_ALIVE_MS = 60_000

/**
 * Sockets of one kafkajs client. kafkajs waits for answers when it disconnects, for as long as a request may take, and dials again while it repeats: closing
 * what it dialled, and dialling no more, is how to stop it at once.
 */
export class TrackedSockets {
  readonly #sockets = new Set<net.Socket>()
  readonly #onNone: () => void
  readonly #connectTimeoutMs: number
  #closed = false

  /** `onNone` is called when the last socket closed, unless {@link destroy} closed it. A socket that is not connected, TLS included, within `connectTimeoutMs` is closed. */
  constructor(onNone: () => void, connectTimeoutMs: number) {
    this.#onNone = onNone
    this.#connectTimeoutMs = connectTimeoutMs
  }

  get size(): number {
    return this.#sockets.size
  }

  /** What kafkajs dials with. */
  readonly dial: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.#closed) throw new Error('closed')
    // kafkajs says that there is always one, but it is null without TLS.
    const options = ssl as tls.ConnectionOptions | null
    const servername = net.isIP(host) === 0 ? { servername: host } : {}
    const onReady = (): void => {
      clearTimeout(timer)
      onConnect()
    }
    const socket = options === null ? net.connect({ host, port }, onReady) : tls.connect({ host, port, ...servername, ...options }, onReady)
    // kafkajs only says that it has no more to say, which a broker that hangs within TLS does not hear: each dial would leave a socket.
    const timer = setTimeout(() => socket.destroy(new Error(`not connected within ${this.#connectTimeoutMs} ms`)), this.#connectTimeoutMs)
    closeOnThrow(socket)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    this.#sockets.add(socket)
    socket.once('close', () => {
      clearTimeout(timer)
      this.#sockets.delete(socket)
      if (this.#sockets.size === 0 && !this.#closed) this.#onNone()
    })
    return socket
  }

  /** Closes all, for good. */
  destroy(): void {
    this.#closed = true
    // Without an error kafkajs would not notice: it does not listen for 'close'.
    for (const socket of this.#sockets) socket.destroy(new Error('closed'))
  }
}

/** kafkajs throws at bytes that are no answer, such as a length below zero, which would end the process: it costs that connection instead. */
function closeOnThrow(socket: net.Socket): void {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...values: unknown[]) => boolean
  const guarded = (event: string | symbol, ...values: unknown[]): boolean => {
    try {
      return emit(event, ...values)
    } catch (error) {
      if (event !== 'data') throw error
      socket.destroy(error instanceof Error ? error : new Error(String(error)))
      return true
    }
  }
  socket.emit = guarded as typeof socket.emit
}
