import { readDialTls, type RedisConfig } from '@frontier/config'
import type { Bridge } from '@frontier/exchange'
import type { BridgeLogger } from '@frontier/mq'
import { aboveZero, brokerOptions, nonEmpty } from './bridge-options.js'
import { pemOf } from './bridge-tls.js'

/** The bridge into Redis. @throws what importing its package throws; INVALID_ARGUMENT */
export async function openRedis(config: RedisConfig, logger: BridgeLogger): Promise<Bridge> {
  const { redisBridge } = await import('@frontier/mq-redis')
  return redisBridge({
    ...brokerOptions(config, config.producer.channels, logger),
    addresses: config.addrs,
    sentinelName: nonEmpty(config.sentinel_name),
    cluster: config.cluster,
    db: config.db,
    username: nonEmpty(config.username),
    password: nonEmpty(config.password),
    tls: pemOf(await readDialTls(config.tls)),
    mode: config.mode,
    streamMaxLength: aboveZero(config.stream_max_length),
  })
}
