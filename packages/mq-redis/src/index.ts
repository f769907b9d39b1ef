export { redisBridge } from './redis-bridge.js'
export type { RedisBridgeOptions, RedisTlsOptions } from './redis-bridge-options.js'
export { redisDriver } from './redis-driver.js'
