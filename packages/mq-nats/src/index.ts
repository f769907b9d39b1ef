export type { JetStreamOptions, NatsBridgeOptions, NatsTlsOptions } from './nats-bridge-options.js'
export { natsBridge } from './nats-bridge.js'
export { natsDriver } from './nats-driver.js'
