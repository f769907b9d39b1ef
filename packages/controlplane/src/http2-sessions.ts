import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'

import type { HttpHandler } from './http-types.js'

/** Streams at once on one connection. */
const MAX_STREAMS = 256
const MAX_HEADER_BYTES = 16_384
/** A connection without streams is closed after this time. */
const IDLE_MS = 300_000

/** The HTTP/2 side of the port: takes sockets that somebody else has accepted. */
export class Http2Sessions {
  readonly #server: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #firstStreamMs: number

  /** A session has `firstStreamMs` for its first stream. */
  constructor(handler: HttpHandler, firstStreamMs: number) {
    this.#firstStreamMs = firstStreamMs
    this.#server = createServer({
      settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES },
      maxSessionMemory: 10,
    })
    this.#server.on('request', handler)
    this.#server.on('session', (session) => {
      this.#watch(session)
    })
  }

  /** Takes a socket whose first bytes say HTTP/2, or that agreed on it. */
  take(socket: Socket): void {
    // Servers of HTTP/1.1 leave their side open after a FIN: a session would not hear that its client has gone.
    socket.allowHalfOpen = false
    this.#server.emit('connection', socket)
  }

  /** Asks all to end when their streams have. */
  close(): void {
    for (const session of this.#sessions) session.close()
  }

  #watch(session: ServerHttp2Session): void {
    let streams = 0
    this.#sessions.add(session)
    const first = setTimeout(() => session.destroy(), this.#firstStreamMs).unref()
    session.on('stream', (stream) => {
      clearTimeout(first)
      streams++
      stream.once('close', () => streams--)
    })
    session.setTimeout(IDLE_MS, () => {
      if (streams === 0) session.close()
    })
    session.on('error', () => session.destroy())
    session.once('close', () => {
      clearTimeout(first)
      this.#sessions.delete(session)
    })
  }
}
