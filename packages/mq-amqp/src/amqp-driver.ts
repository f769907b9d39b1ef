// amqplib can reconnect by itself (`recovery`), but then publishes throw meanwhile and it does not tell which address is next; the engine's reconnecting
// knows the time budgets of the messages, and here each session takes the next address. So amqplib's own is left off: a session is one connection.
import type { BrokerDriver, BrokerSession, OutgoingMessage, SessionEvents } from '@frontier/mq'
import { FrontierError, toFrontierError } from '@frontier/wire'

import { type AmqpConnection, connectTo } from './amqp-connection.js'
import { connectError } from './amqp-fault.js'
import { tableBytes } from './amqp-headers.js'
import type { AmqpBridgeOptions } from './amqp-options.js'
import { AmqpSession } from './amqp-session.js'
import { declareTopology } from './declare-topology.js'
import { LearnedLimits } from './learned-limits.js'
import { resolveOptions } from './resolve-options.js'

// amqplib encodes headers in a buffer of 64 KiB; the other properties are short strings.
const MAX_HEADER_BYTES = 65_536
const OTHER_PROPERTY_BYTES = 3072

/** RabbitMQ for {@link createBrokerBridge}. @throws INVALID_ARGUMENT for options that do not hold. */
export function amqpDriver(options: AmqpBridgeOptions): BrokerDriver {
  const settings = resolveOptions(options)
  const { addresses } = settings
  const limits = new LearnedLimits(settings.maxMessageBytes)
  const commonBytes = tableBytes(settings.headers)
  /** Queues that were consumed before. */
  const consumed = new Set<string>()
  let frameMaxBytes = settings.frameMaxBytes
  let next = 0

  /** Tries each address once, in turn, beginning with the next. */
  async function connectToAny(signal: AbortSignal): Promise<AmqpConnection> {
    // A broker that hangs must not use up the time of those behind it.
    const eachMs = Math.max(100, Math.floor(settings.connectTimeoutMs / addresses.length) - 50)
    let worst: FrontierError | undefined
    for (let attempt = 0; attempt < addresses.length; attempt++) {
      const address = addresses[next++ % addresses.length]!
      try {
        return await connectTo(address, settings, signal, eachMs)
      } catch (error) {
        const failed = connectError(error, `${address.host}:${address.port}`)
        // What an operator has to mend says more than a broker that is down.
        if (worst === undefined || worst.code === 'BRIDGE_UNAVAILABLE') worst = failed
        if (signal.aborted) break
      }
    }
    throw worst ?? new FrontierError('BRIDGE_UNAVAILABLE', 'no address of RabbitMQ')
  }

  return {
    kind: 'amqp',
    // Everything goes through one channel, in its order; when that closes, all that is on it is lost together.
    batch: { maxMessages: 256, maxBytes: 1024 * 1024, maxBatches: 16, lingerMs: 0 },
    resend: 'at-least-once',

    check(message: OutgoingMessage): FrontierError | undefined {
      const { target, headers, key } = message
      if (Buffer.byteLength(target) > 255) return new FrontierError('INVALID_ARGUMENT', 'a routing key has at most 255 bytes')
      // Whoever publishes there answers somebody's call; no edge was asked anything this way.
      if (target.startsWith('amq.rabbitmq.reply-to')) return new FrontierError('INVALID_ARGUMENT', 'amq.rabbitmq.reply-to is no routing key to publish to')
      const headerBytes = commonBytes + tableBytes(headers) + 32 + 3 * key.length
      const maxHeaderBytes = Math.min(MAX_HEADER_BYTES, frameMaxBytes - OTHER_PROPERTY_BYTES)
      if (headerBytes > maxHeaderBytes) {
        return new FrontierError('PAYLOAD_TOO_LARGE', `headers of ${headerBytes} bytes for RabbitMQ, metas among them; at most ${maxHeaderBytes} fit`)
      }
      return limits.check(message)
    },

    async open(events: SessionEvents, signal: AbortSignal): Promise<BrokerSession> {
      const connection = await connectToAny(signal)
      // Without a listener an error of the connection would end the process.
      let failure: unknown
      connection.model.on('error', (error) => (failure = error))
      signal.addEventListener('abort', connection.destroy)
      try {
        await declareTopology(connection.model, settings)
        frameMaxBytes = connection.frameMaxBytes
        const session = new AmqpSession(connection, { settings, limits, consumed, events })
        await session.open()
        return session
      } catch (error) {
        connection.destroy()
        const { host, port } = connection.address
        throw error instanceof FrontierError ? error : toFrontierError(connectError(failure ?? error, `${host}:${port}`), 'BRIDGE_UNAVAILABLE')
      } finally {
        signal.removeEventListener('abort', connection.destroy)
      }
    },
  }
}
