export { listenAddress } from './endpoint.js'
export type {
  BoundConfig,
  CertificateConfig,
  ConfigInput,
  ControlPlaneAuthConfig,
  ControlPlaneConfig,
  DaemonConfig,
  DaoConfig,
  EdgeboundConfig,
  ExchangeConfig,
  FrontierConfig,
  FrontierConfigInput,
  LimitsConfig,
  LogConfig,
  LogLevel,
  TokenConfig,
} from './frontier-config.js'
export type { CertificateFiles, ListenConfig, TlsConfig } from './listen-config.js'
export type {
  AmqpBindingConfig,
  AmqpConfig,
  AmqpExchangeConfig,
  AmqpQueueConfig,
  BridgeConfig,
  BrokerConfig,
  ConsumeConfig,
  KafkaConfig,
  MappingConfig,
  MqmConfig,
  NatsConfig,
  NsqConfig,
  RedisConfig,
  WebhookConfig,
} from './mqm-config.js'
export { loadFrontierConfig, parseFrontierConfig } from './load-config.js'
export type { ConfigFlags, Environment } from './overrides.js'
export { resolveFrontierConfig } from './resolve-config.js'
export type { ConfigSources } from './resolve-config.js'
export { readSecretFile } from './secret-file.js'
export { readDialTls, readListenTls } from './tls-files.js'
export type { DialTlsMaterial, ListenTlsMaterial } from './tls-files.js'
export { readTokens } from './token-files.js'
export type { LoadedToken } from './token-files.js'
