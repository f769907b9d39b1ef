export { nsqBridge } from './nsq-bridge.js'
export { nsqDriver } from './nsq-driver.js'
export type { NsqBridgeOptions, NsqTls } from './nsq-options.js'
