import { connect, type ChannelModel, type SocketOptions } from 'amqplib'

import type { AmqpAddress } from './amqp-address.js'
import { guardConnections } from './guard-connections.js'
import type { AmqpSettings } from './resolve-options.js'

/** One connection to RabbitMQ. */
export interface AmqpConnection {
  readonly model: ChannelModel
  readonly address: AmqpAddress
  /** What broker and client agreed on. */
  readonly frameMaxBytes: number
  /** Ends the socket at once; also one that amqplib has let go of, but whose peer says nothing more. */
  readonly destroy: () => void
}

/** Connects and logs in. Rejects with amqplib's error; an abort, or the time limit, leaves nothing behind. */
export async function connectTo(address: AmqpAddress, settings: AmqpSettings, signal: AbortSignal, timeoutMs: number): Promise<AmqpConnection> {
  // amqplib hands its socket options to net.connect and tls.connect, which end the socket when `signal` aborts. It has no other way to end one
  // whose peer hangs: its timeout is one of idleness, and after a missed heartbeat it only half-closes.
  const life = new AbortController()
  guardConnections()
  const destroy = () => life.abort()
  signal.addEventListener('abort', destroy)
  const timer = setTimeout(destroy, timeoutMs)
  try {
    signal.throwIfAborted()
    const model = await connect(
      {
        protocol: address.isTls ? 'amqps' : 'amqp',
        hostname: address.host,
        port: address.port,
        username: address.user,
        password: address.password,
        vhost: encodeURIComponent(settings.vhost), // amqplib unescapes it
        locale: settings.locale,
        channelMax: settings.channelMax,
        frameMax: settings.frameMaxBytes,
        heartbeat: settings.heartbeatSeconds,
      },
      socketOptions(address, settings, life.signal),
    )
    const { frameMax } = model.connection as { frameMax?: number }
    return { model, address, frameMaxBytes: frameMax ?? settings.frameMaxBytes, destroy }
  } catch (error) {
    if (life.signal.aborted && !signal.aborted) throw new Error(`no answer within ${String(timeoutMs)} ms`, { cause: error })
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', destroy)
  }
}

function socketOptions(address: AmqpAddress, { tls }: AmqpSettings, signal: AbortSignal): SocketOptions {
  const options: SocketOptions & { signal: AbortSignal } = { noDelay: true, keepAlive: true, keepAliveDelay: 30_000, signal }
  options.clientProperties = { connection_name: 'frontier' }
  if (!address.isTls) return options
  if (tls.ca !== undefined) options.ca = (typeof tls.ca === 'string' || tls.ca instanceof Uint8Array ? [tls.ca] : tls.ca).map(bytesOrText)
  if (tls.cert !== undefined) options.cert = bytesOrText(tls.cert)
  if (tls.key !== undefined) options.key = bytesOrText(tls.key)
  if (tls.serverName !== undefined) options.servername = tls.serverName
  options.rejectUnauthorized = tls.insecureSkipVerify !== true
  return options
}

function bytesOrText(pem: string | Uint8Array): string | Buffer {
  return typeof pem === 'string' ? pem : Buffer.from(pem)
}
