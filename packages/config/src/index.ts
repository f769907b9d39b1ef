export { listenAddress } from './endpoint.js'
export type {
  BoundConfig,
  ConfigInput,
  DaemonConfig,
  DaoConfig,
  EdgeboundConfig,
  ExchangeConfig,
  FrontierConfig,
  FrontierConfigInput,
  LimitsConfig,
  LogConfig,
  LogLevel,
} from './frontier-config.js'
export type { CertificateFiles, ListenConfig, TlsConfig } from './listen-config.js'
export { loadFrontierConfig, parseFrontierConfig } from './load-config.js'
export type { ConfigFlags, Environment } from './overrides.js'
export { resolveFrontierConfig } from './resolve-config.js'
export type { ConfigSources } from './resolve-config.js'
export { readListenTls } from './tls-files.js'
export type { ListenTlsMaterial } from './tls-files.js'
