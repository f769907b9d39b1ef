import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'

import { FrontierError } from '@frontier/wire'

import { formatAddress, type Address } from './address.js'
import type { Listener } from './listener.js'
import { handOver } from './memory-listener.js'
import {
  assertListenTlsOptions,
  resolveSniffLimits,
  type ListenOptions,
  type ListenTlsOptions,
  type RefusalReason,
} from './options.js'
import { openServer } from './open-server.js'
import { remoteAddressOf } from './peer-address.js'
import { peerIdentityOf } from './peer-identity.js'
import { Sniffer } from './sniffer.js'
import { passSocket } from './socket-owner.js'
import { SOCKET_HIGH_WATER_MARK, SocketPipe } from './socket-pipe.js'
import { tlsMaterial } from './tls-material.js'
import { tlsRefusalReason } from './tls-refusal.js'

type SocketAddress = Exclude<Address, { transport: 'memory' }>

/** Options of every accepted socket. A FIN ends the pipe, so our side is closed after it; links have pings of their own. */
const socketOptions = { allowHalfOpen: false, noDelay: true, keepAlive: false, highWaterMark: SOCKET_HIGH_WATER_MARK }

function createServerFor(address: SocketAddress, tls: ListenTlsOptions | undefined, handshakeTimeout: number): Server {
  if (address.transport !== 'tls') return createServer(socketOptions)
  assertListenTlsOptions(tls)
  const isMutual = tls.mtls === true
  try {
    return createTlsServer({
      ...socketOptions,
      ...tlsMaterial(isMutual ? tls : { cert: tls.cert, key: tls.key }),
      requestCert: isMutual,
      rejectUnauthorized: isMutual,
      minVersion: 'TLSv1.2',
      handshakeTimeout,
    })
  } catch (error) {
    throw new FrontierError('INVALID_ARGUMENT', `tls.cert, tls.key or tls.ca cannot be used: ${String(error)}`, { cause: error })
  }
}

/** Listens on TCP, TLS or a unix socket. Throws INVALID_ARGUMENT for bad options, UNAVAILABLE when it cannot listen. */
export async function listenSocket(address: SocketAddress, options: ListenOptions): Promise<Listener> {
  const limits = resolveSniffLimits(options)
  const { logger } = options
  const server = createServerFor(address, options.tls, limits.sniffTimeoutMs)
  const refuse = (remoteAddress: string, reason: RefusalReason): void => {
    try {
      options.onRefused?.({ remoteAddress, reason })
    } catch (error) {
      logger?.warn({ error, remoteAddress }, 'onRefused threw')
    }
  }
  const sniffer = new Sniffer(limits, {
    onLink(socket, remoteAddress, head) {
      const identity = socket instanceof TLSSocket ? peerIdentityOf(socket) : undefined
      const pipe = new SocketPipe(socket, remoteAddress, identity)
      passSocket(socket, pipe)
      handOver(pipe, options)
      pipe.begin(head)
    },
    onRefused: refuse,
  })
  server.on(address.transport === 'tls' ? 'secureConnection' : 'connection', (socket: Socket) => {
    // A handshake may still end after the listener was closed.
    if (server.listening) sniffer.add(socket, remoteAddressOf(socket, address))
    else socket.destroy()
  })
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    const reason = tlsRefusalReason(error, socket)
    const remoteAddress = remoteAddressOf(socket, address)
    socket.destroy()
    if (reason !== undefined) refuse(remoteAddress, reason)
  })
  await openServer(server, address)
  server.on('error', (error) => logger?.warn({ error }, 'a connection could not be accepted'))
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? { port: bound.port } : {}
  const close = async (): Promise<void> => {
    if (!server.listening) return
    // Its callback would wait for the end of every pipe; the port is free at once.
    server.close()
    sniffer.close()
  }
  return { address: formatAddress({ ...address, ...port }), close, [Symbol.asyncDispose]: close }
}
