export type { BridgeLogger, BridgeOptions, InboundOptions, InboundTarget, TopicMapping } from './bridge-options.js'
export { perHeaders } from './per-headers.js'
export { createBrokerBridge } from './broker-bridge.js'
export { checkBrokerTls, isCertificateAlert } from './broker-tls.js'
export type { BrokerBridge } from './broker-bridge.js'
export type {
  BatchLimits,
  BrokerDriver,
  BrokerSession,
  ConsumeOptions,
  IncomingMessage,
  OutgoingMessage,
  PendingMessage,
  ResendPolicy,
  SessionEvents,
} from './broker-driver.js'
export { MemoryBroker, memoryBridge, memoryDriver } from './memory-broker.js'
export type { MemoryBrokerOptions } from './memory-broker.js'
export { fromTextHeaders, textHeaders } from './text-headers.js'
export { TopicTemplate } from './topic-template.js'
export type { TemplateSource } from './topic-template.js'
