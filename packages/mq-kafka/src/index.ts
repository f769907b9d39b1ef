export type {
  KafkaBridgeOptions,
  KafkaCompression,
  KafkaFlushOptions,
  KafkaRetryOptions,
  KafkaSaslOptions,
  KafkaTlsOptions,
} from './kafka-bridge-options.js'
export { kafkaBridge } from './kafka-bridge.js'
export { kafkaDriver } from './kafka-driver.js'
