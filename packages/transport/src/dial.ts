import { connect as connectNet, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

import { FrontierError } from '@frontier/wire'

import { formatAddress, toAddress, type Address } from './address.js'
import { awaitConnection } from './await-connection.js'
import { dialMemory } from './memory-listener.js'
import { resolveDialOptions, type DialOptions, type DialTlsOptions } from './options.js'
import { remoteAddressOf } from './peer-address.js'
import type { BytePipe } from './pipe.js'
import { adoptSocket } from './socket-owner.js'
import { SOCKET_HIGH_WATER_MARK, SocketPipe } from './socket-pipe.js'
import { tlsMaterial } from './tls-material.js'

/** Node gives each of a host's addresses 250 ms, which no link by satellite makes. */
const ATTEMPT_TIMEOUT_MS = 1_500

function openSocket(address: Exclude<Address, { transport: 'memory' }>, tls: DialTlsOptions): Socket {
  if (address.transport === 'unix') {
    return connectNet({ path: address.path, ...{ highWaterMark: SOCKET_HIGH_WATER_MARK } })
  }
  const { host, port } = address
  const options = {
    host,
    port,
    noDelay: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS,
    highWaterMark: SOCKET_HIGH_WATER_MARK,
  }
  if (address.transport === 'tcp') return connectNet(options)
  const servername = tls.servername ?? (isIP(host) === 0 ? host : undefined)
  return connectTls({
    ...options,
    ...tlsMaterial(tls),
    ...(servername === undefined ? {} : { servername }),
    rejectUnauthorized: tls.rejectUnauthorized ?? true,
    minVersion: 'TLSv1.2',
  })
}

/**
 * Connects to an address. Rejects with UNAVAILABLE (nothing there, unreachable, a certificate that is not accepted; `cause` tells), TIMEOUT,
 * CANCELLED (the signal), or INVALID_ARGUMENT. A client certificate that a TLS 1.3 listener does not accept shows only as the early end of the pipe.
 */
export async function dial(address: string | Address, options?: DialOptions): Promise<BytePipe> {
  const target = toAddress(address)
  const { signal, timeoutMs, tls } = resolveDialOptions(options)
  const name = formatAddress(target)
  if (signal?.aborted === true) {
    throw new FrontierError('CANCELLED', `connecting to ${name} was given up`, { cause: signal.reason })
  }
  if (target.transport === 'memory') return dialMemory(target.name)
  if (target.transport !== 'unix' && target.port === 0) {
    throw new FrontierError('INVALID_ARGUMENT', `${name} has no port that could be dialled`)
  }
  const socket = openSocketOrThrow(target, tls, name)
  const take = (): BytePipe => {
    socket.pause()
    const pipe = new SocketPipe(socket, remoteAddressOf(socket, target))
    adoptSocket(socket, pipe)
    return pipe
  }
  const event = target.transport === 'tls' ? 'secureConnect' : 'connect'
  return awaitConnection(socket, { event, name, signal, timeoutMs, take })
}

function openSocketOrThrow(target: Exclude<Address, { transport: 'memory' }>, tls: DialTlsOptions, name: string): Socket {
  try {
    return openSocket(target, tls)
  } catch (error) {
    // Only what the caller gave can throw here: a key that does not parse, or does not fit the certificate.
    throw new FrontierError('INVALID_ARGUMENT', `cannot connect to ${name}: ${String(error)}`, { cause: error })
  }
}
