import net from 'node:net'
import { checkServerIdentity, connect as tlsConnect } from 'node:tls'

import { FrontierError } from '@frontier/wire'
import { connect, type NatsConnection } from 'nats'

import { natsError } from './nats-errors.js'
import type { NatsAddress, NatsSettings, NatsTls } from './nats-settings.js'

/**
 * Connects to the first server that answers, in a random order. Reconnecting is left to whoever opens sessions: the library would wait 2 s at least, forgets
 * silently what is published meanwhile, and never settles a flush that was under way.
 */
export async function dialNats(settings: NatsSettings, signal: AbortSignal): Promise<NatsConnection> {
  const { addresses, connectTimeoutMs } = settings
  let last: unknown = new FrontierError('BRIDGE_UNAVAILABLE', 'nats: not connected')
  for (const address of shuffled(addresses)) {
    try {
      return await dialOne(address, settings, Math.max(1_000, Math.floor(connectTimeoutMs / addresses.length)), signal)
    } catch (error) {
      last = error
      if (signal.aborted) break
    }
  }
  throw natsError(last)
}

async function dialOne(address: NatsAddress, settings: NatsSettings, timeoutMs: number, signal: AbortSignal): Promise<NatsConnection> {
  const { login, clientName, pingIntervalMs } = settings
  const { host, port } = address
  const tls = settings.tls && { ...settings.tls, checkServerIdentity: identityOf(settings.tls.servername ?? host) }
  // The library never closes the socket of a dial that timed out: it is only let to servers that answer.
  await knock(address, tls, timeoutMs, signal)
  signal.throwIfAborted()
  const connecting = connect({
    servers: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    name: clientName,
    timeout: timeoutMs,
    reconnect: false,
    ignoreClusterUpdates: true,
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
    ...login,
    ...(tls !== undefined && { tls }),
  })
  try {
    return await unlessAborted(connecting, signal)
  } catch (error) {
    // It cannot be told to stop.
    connecting.then((late) => late.close()).catch(() => undefined)
    throw error
  }
}

/** The library hands over a socket without its host: Node would hold the certificate of a server that is dialled by its IP address against `localhost`. */
function identityOf(host: string): NonNullable<NatsTls['checkServerIdentity']> {
  return (_name, certificate) => checkServerIdentity(host, certificate)
}

/** Resolves when the server greets. */
function knock({ host, port }: NatsAddress, tls: NatsTls | undefined, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const isTlsFirst = tls?.handshakeFirst === true
    const socket = isTlsFirst ? tlsConnect({ host, port, ...(net.isIP(host) === 0 && { servername: host }), ...tls }) : net.connect({ host, port })
    const why = isTlsFirst ? '' : ' (one that asks for TLS first says nothing: handshakeFirst)'
    const timer = setTimeout(() => socket.destroy(new Error(`${host}:${port} did not answer within ${timeoutMs} ms${why}`)), timeoutMs)
    const onAbort = (): void => void socket.destroy(signal.reason as Error)
    signal.addEventListener('abort', onAbort)
    let failure: Error | undefined
    socket.once('data', () => {
      resolve()
      socket.destroy()
    })
    // More than one may come, of TLS.
    socket.on('error', (error: Error) => {
      failure ??= error
    })
    socket.once('close', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      reject(failure ?? new Error(`${host}:${port} closed the connection`))
    })
  })
}

/** What `promise` resolves with, unless `signal` aborts before. */
function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items.map((item) => ({ item, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ item }) => item)
}
