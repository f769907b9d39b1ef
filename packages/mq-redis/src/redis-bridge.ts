import type { Bridge } from '@frontier/exchange'
import { createBrokerBridge } from '@frontier/mq'
import type { RedisBridgeOptions } from './redis-bridge-options.js'
import { redisDriver } from './redis-driver.js'

/** Takes messages of edges into Redis: into streams, or to channels. @throws INVALID_ARGUMENT for options that do not hold. */
export function redisBridge(options: RedisBridgeOptions): Bridge {
  return createBrokerBridge(redisDriver(options), options)
}
