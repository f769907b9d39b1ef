import { once } from 'node:events'

import { Command, Redis } from 'ioredis'

import { headersOf, idOf, type BrokerClient } from './broker-client.js'
import { KEPT_MESSAGES, TOPIC } from './broker-kind.js'

/** XADD; what is published in one turn leaves in one write. */
export async function connectRedis([address = '']: readonly string[]): Promise<BrokerClient> {
  const [host = '', port] = address.split(':')
  const redis = new Redis({ host, port: Number(port) })
  await once(redis, 'ready')
  let number = 0
  let isCorked = false
  return {
    publish(edge, data, acknowledged) {
      if (!isCorked) {
        isCorked = true
        redis.stream.cork()
        queueMicrotask(() => {
          isCorked = false
          redis.stream.uncork()
        })
      }
      const args: (string | Buffer)[] = [TOPIC, 'MAXLEN', '~', String(KEPT_MESSAGES), '*', 'data', data, 'id', `bench-${(number++).toString(36)}`, 'key', idOf(edge)]
      for (const [name, value] of Object.entries(headersOf(edge))) args.push(name, value)
      redis.sendCommand(
        new Command('xadd', args, undefined, (error) => {
          acknowledged(error ?? undefined)
        }),
      )
    },
    close() {
      redis.disconnect()
      return Promise.resolve()
    },
  }
}
