import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

import { openServer, parseAddress, formatAddress, type Address } from '@frontier/transport'
import { FrontierError } from '@frontier/wire'

import { Http2Sessions } from './http2-sessions.js'
import type { HttpHandler } from './http-types.js'
import type { ControlPlaneTls, ResolvedOptions } from './options.js'
import { sniffProtocol } from './protocol-sniffer.js'

const KEEP_ALIVE_MS = 75_000
const TCP_KEEP_ALIVE_MS = 60_000
const MAX_HEADER_BYTES = 16_384

type SocketAddress = Exclude<Address, { transport: 'memory' }>

/** One port for HTTP/1.1 and HTTP/2: told apart by ALPN over TLS, by the first bytes without. */
export class Port {
  readonly #server: Server | TlsServer
  readonly #address: SocketAddress
  readonly #http2: Http2Sessions
  readonly #sockets = new Set<Socket>()

  /** @throws INVALID_ARGUMENT for an address or certificates that cannot be used. */
  constructor(options: ResolvedOptions, handler: HttpHandler) {
    const { headersTimeoutMs, requestTimeoutMs, maxConnections, tls } = options
    this.#address = socketAddress(options.address)
    this.#http2 = new Http2Sessions(handler, headersTimeoutMs)
    const limits = {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Of a watcher whose machine has gone, nothing is heard otherwise as long as nothing happens.
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
    }
    const isTls = this.#address.transport === 'tls'
    this.#server = isTls ? createTls(tls, limits, headersTimeoutMs) : createHttpServer(limits)
    this.#server.on('request', handler)
    this.#server.maxConnections = maxConnections
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    this.#divert(isTls, headersTimeoutMs)
  }

  /** Where it listens, with the real port. */
  get address(): string {
    const bound = this.#server.address()
    return bound === null || typeof bound === 'string' || !('host' in this.#address) ? this.#addressText() : formatAddress({ ...this.#address, port: bound.port })
  }

  /** Rejects with UNAVAILABLE when it cannot listen. */
  async open(): Promise<void> {
    await openServer(this.#server, this.#address)
  }

  /** Takes no more connections, lets requests end for `graceMs`, then cuts the rest off. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#http2.close()
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, graceMs)
    await closed
    clearTimeout(timer)
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Puts the choice between the protocols before the server's own listener, which knows only one. */
  #divert(isTls: boolean, sniffMs: number): void {
    const event = isTls ? 'secureConnection' : 'connection'
    const serveHttp1 = this.#server.listeners(event)[0] as (socket: Socket) => void
    this.#server.off(event, serveHttp1)
    this.#server.on(event, (socket: Socket) => {
      const take = (isHttp2: boolean): void => {
        if (isHttp2) this.#http2.take(socket)
        else serveHttp1.call(this.#server, socket)
      }
      if (isTls) take('alpnProtocol' in socket && socket.alpnProtocol === 'h2')
      else sniffProtocol(socket, sniffMs, take)
    })
  }

  #addressText(): string {
    return formatAddress(this.#address)
  }
}

function socketAddress(text: string): SocketAddress {
  const address = parseAddress(text)
  if (address.transport === 'memory') throw new FrontierError('INVALID_ARGUMENT', 'a control plane listens on tcp, tls or unix')
  return address
}

function createTls(tls: ControlPlaneTls | undefined, limits: object, handshakeTimeout: number): TlsServer {
  if (tls === undefined) throw new FrontierError('INVALID_ARGUMENT', 'a tls:// address needs tls')
  const buffers = (pem: Uint8Array[]): Buffer[] => pem.map((one) => Buffer.from(one))
  try {
    return createHttpsServer({
      ...limits,
      cert: buffers(tls.cert),
      key: buffers(tls.key),
      ...(tls.mtls && tls.ca !== undefined && { ca: buffers(tls.ca) }),
      requestCert: tls.mtls,
      rejectUnauthorized: tls.mtls,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout,
    })
  } catch (error) {
    throw new FrontierError('INVALID_ARGUMENT', `tls.cert, tls.key or tls.ca cannot be used: ${String(error)}`, { cause: error })
  }
}
