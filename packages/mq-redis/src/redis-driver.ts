import type { BrokerDriver, OutgoingMessage } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { RedisBridgeOptions } from './redis-bridge-options.js'
import { hangUp } from './redis-dial.js'
import { connectMasters, type RedisMasters } from './redis-masters.js'
import { RedisSession } from './redis-session.js'
import { redisSettings } from './redis-settings.js'

/** Redis behind `createBrokerBridge`: streams, or channels. @throws INVALID_ARGUMENT for options that do not hold. */
export function redisDriver(options: RedisBridgeOptions): BrokerDriver {
  const settings = redisSettings(options)
  let maxMessageBytes = settings.maxMessageBytes
  let turn = 0
  return {
    kind: 'redis',
    batch: { maxMessages: 512, maxBytes: 1_048_576, maxBatches: 8, lingerMs: 0 },
    resend: 'at-least-once',
    check: (message) => faultOf(message, maxMessageBytes),
    async open(events, signal) {
      // Another address comes first each time: one that hangs must not have all attempts for itself.
      const masters = await connectMasters(settings, turn++, signal)
      const release = (): void => {
        for (const { redis } of masters.connections) hangUp(redis)
      }
      signal.addEventListener('abort', release)
      maxMessageBytes = Math.min(settings.maxMessageBytes, await maxBulkBytes(masters))
      signal.removeEventListener('abort', release)
      signal.throwIfAborted()
      return new RedisSession(settings, masters, events)
    },
  }
}

function faultOf({ target, data }: OutgoingMessage, maxMessageBytes: number): FrontierError | undefined {
  if (target === '') return new FrontierError('INVALID_ARGUMENT', 'redis: a stream or channel without a name')
  if (data.length <= maxMessageBytes) return undefined
  return new FrontierError('PAYLOAD_TOO_LARGE', `redis: a message of ${data.length} bytes, ${maxMessageBytes} are the most`)
}

/** What the server takes in one piece: it closes the connection of whoever sends more. Infinity when it does not say. */
async function maxBulkBytes({ connections }: RedisMasters): Promise<number> {
  const limits = connections.map(async ({ redis }) => {
    try {
      const [, value] = (await redis.call('CONFIG', 'GET', 'proto-max-bulk-len')) as readonly string[]
      return Number(value ?? Infinity)
    } catch {
      return Infinity // We may not ask.
    }
  })
  return Math.min(...(await Promise.all(limits)))
}
