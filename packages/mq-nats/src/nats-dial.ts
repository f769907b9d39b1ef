import net from 'node:net'

import { FrontierError } from '@frontier/wire'
import { connect, type NatsConnection } from 'nats'

import { natsError } from './nats-errors.js'
import type { NatsAddress, NatsSettings } from './nats-settings.js'

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

async function dialOne({ host, port }: NatsAddress, settings: NatsSettings, timeoutMs: number, signal: AbortSignal): Promise<NatsConnection> {
  const { login, tls, clientName, pingIntervalMs } = settings
  // The library never closes the socket of a dial that timed out: it is only let to servers that answer.
  if (tls?.handshakeFirst !== true) await knock(host, port, timeoutMs, signal)
  signal.throwIfAborted()
  const connection = await connect({
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
  if (signal.aborted) {
    await connection.close()
    signal.throwIfAborted()
  }
  return connection
}

/** Resolves when the server greets. */
function knock(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, signal })
    const timer = setTimeout(() => socket.destroy(new Error(`${host}:${port} did not answer within ${timeoutMs} ms`)), timeoutMs)
    let failure: Error | undefined
    socket.once('data', () => {
      resolve()
      socket.destroy()
    })
    socket.once('error', (error) => (failure = error))
    socket.once('close', () => {
      clearTimeout(timer)
      reject(failure ?? new Error(`${host}:${port} closed the connection`))
    })
  })
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items.map((item) => ({ item, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ item }) => item)
}
