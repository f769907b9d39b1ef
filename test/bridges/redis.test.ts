import { redisBridge } from '@frontier/mq-redis'
import { Redis } from 'ioredis'
import { missing, startBroker } from '../brokers/brokers.mjs'
import type { BrokerUnderTest, ReadMessage } from './bridge-subject.js'
import { describeBridge } from './describe-bridge.js'

const MAX_MESSAGE_BYTES = 1_048_576
const NO_STREAM = 'a-set-of-its-own'

async function start(isStream: boolean): Promise<BrokerUnderTest> {
  const [broker, closed] = await Promise.all([startBroker('redis'), startBroker('redis-auth')])
  const [host, port] = broker.address.split(':')
  const clients: Redis[] = []
  const client = (): Redis => {
    const redis = new Redis(Number(port), host!, { retryStrategy: () => 50, maxRetriesPerRequest: null })
    redis.on('error', () => undefined)
    clients.push(redis)
    return redis
  }
  const redis = client()
  await redis.sadd(NO_STREAM, 'x')
  const mode = isStream ? ({ mode: 'stream' } as const) : {}
  return {
    process: broker,
    bridge: (options) => redisBridge({ addresses: [broker.address], maxMessageBytes: MAX_MESSAGE_BYTES, ...mode, ...options }),
    strangerBridge: (options) => redisBridge({ addresses: [closed.address], username: 'frontier', password: 'wrong', ...options }),
    async reader(target) {
      if (!isStream) {
        const messages: ReadMessage[] = []
        const listener = client()
        listener.on('messageBuffer', (_, data: Buffer) => void messages.push({ data: data.toString() }))
        await listener.subscribe(target)
        return { messages, settle: async () => void (await listener.ping()) }
      }
      let messages: ReadMessage[] = []
      let isReading = false
      const read = async (): Promise<void> => {
        messages = (await redis.xrange(target, '-', '+')).map(entryOf)
      }
      return {
        get messages() {
          if (!isReading) {
            isReading = true
            void read().finally(() => (isReading = false))
          }
          return messages
        },
        settle: read,
      }
    },
    async feed(target, { data, key = '', headers = {} }) {
      if (isStream) await redis.xadd(target, '*', 'data', data, 'key', key, ...Object.entries(headers).flat())
      else await redis.publish(target, data)
    },
    async [Symbol.asyncDispose]() {
      for (const each of clients) each.disconnect()
      await closed.stop()
    },
  }
}

function entryOf([, fields]: [string, string[]]): ReadMessage {
  const all = Object.fromEntries(Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i]!, fields[2 * i + 1]!]))
  const { data = '', key, ...headers } = all
  return { data, key, headers }
}

const common = { missing: missing('redis'), tooLargeBytes: MAX_MESSAGE_BYTES + 1, target: (word: string) => word }

describeBridge({ ...common, name: 'Redis streams', start: () => start(true), guarantee: 'at-least-once', hasHeaders: true, hasKey: true, badTopic: NO_STREAM })

describeBridge({ ...common, name: 'Redis pub/sub', start: () => start(false), guarantee: 'none', hasHeaders: false, hasKey: false })
