export { amqpBridge } from './amqp-bridge.js'
export { amqpDriver } from './amqp-driver.js'
export type {
  AmqpBridgeOptions,
  AmqpExchange,
  AmqpHeaderValue,
  AmqpProducer,
  AmqpQueue,
  AmqpQueueBinding,
  AmqpTls,
} from './amqp-options.js'
