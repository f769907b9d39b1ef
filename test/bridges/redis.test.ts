import { redisBridge } from '@frontier/mq-redis'
import { Redis } from 'ioredis'
import { missing, startBroker } from '../brokers/brokers.mjs'
import type { BrokerUnderTest, ReadMessage } from './bridge-subject.js'
import { describeBridge } from './describe-bridge.js'

async function start(mode: 'stream' | 'pubsub'): Promise<BrokerUnderTest> {
  const broker = await startBroker('redis-auth')
  const { username, password } = broker.credentials as { username: string; password: string }
  const [host, port] = broker.address.split(':')
  const connect = (): Redis => {
    const client = new Redis({ host: host!, port: Number(port), username, password, retryStrategy: () => 50, maxRetriesPerRequest: null })
    client.on('error', () => undefined)
    return client
  }
  const client = connect()
  const clients = [client]
  const addresses = [broker.address]
  return {
    process: broker,
    bridge: (options) => redisBridge({ addresses, username, password, mode, maxMessageBytes: 100_000, ...options }),
    strangerBridge: (options) => redisBridge({ addresses, username, password: 'wrong', mode, ...options }),
    async reader(name) {
      const reading = connect()
      clients.push(reading)
      const messages: ReadMessage[] = []
      if (mode === 'pubsub') {
        reading.on('messageBuffer', (_: Buffer, data: Buffer) => messages.push({ data: data.toString() }))
        await reading.subscribe(name)
        return { messages, settle: () => Promise.resolve() }
      }
      let last = '0'
      let isClosed = false
      reading.on('end', () => (isClosed = true))
      const read = async (): Promise<void> => {
        while (!isClosed) {
          const found = await reading.xread('COUNT', 1000, 'BLOCK', 1000, 'STREAMS', name, last).catch(() => null)
          for (const [id, fields] of found?.[0]?.[1] ?? []) {
            last = id
            messages.push(entry(fields))
          }
        }
      }
      void read()
      return {
        messages,
        async settle() {
          const total = await client.xlen(name)
          while (messages.length < total) await new Promise((resolve) => setTimeout(resolve, 10))
        },
      }
    },
    async feed(name, { data, key = '', headers = {} }) {
      if (mode === 'pubsub') await client.publish(name, data)
      else await client.xadd(name, '*', 'data', data, 'key', key, ...Object.entries(headers).flat())
    },
    async [Symbol.asyncDispose]() {
      for (const each of clients) each.disconnect()
      await Promise.resolve()
    },
  }
}

/** Field and value by turns. */
function entry(fields: readonly string[]): ReadMessage {
  const all = Object.fromEntries(Array.from({ length: fields.length / 2 }, (_, at) => [fields[2 * at]!, fields[2 * at + 1]!]))
  const { data = '', key = '', ...headers } = all
  return { data, key, headers }
}

const common = { missing: missing('redis-auth'), asksForPassword: true, canBeConsumed: true, badTopic: '' }

describeBridge({ ...common, name: 'Redis streams', start: () => start('stream'), guarantee: 'at-least-once', hasHeaders: true, hasKey: true, tooLargeBytes: 100_001, target: (word) => word })
describeBridge({ ...common, name: 'Redis pub/sub', start: () => start('pubsub'), guarantee: 'none', hasHeaders: false, hasKey: false, tooLargeBytes: 100_001, target: (word) => word })
