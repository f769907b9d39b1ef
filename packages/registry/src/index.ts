export type {
  EdgePresenceEvent,
  RegistrationEvent,
  RegistryEvent,
  RegistryListener,
  ServicePresenceEvent,
  WatchOptions,
} from './events.js'
export { createMemoryRegistry } from './memory-registry.js'
export type {
  Direction,
  EdgeFilter,
  EdgeNamesQuery,
  EdgeOrder,
  EdgeQuery,
  Page,
  Paging,
  PeerFilter,
  ServiceFilter,
  ServiceNamesQuery,
  ServiceOrder,
  ServiceQuery,
} from './query.js'
export type { EdgeEntry, EdgeRecord, ServiceEntry, ServiceRecord } from './records.js'
export type { Registry, RegistryOptions, RegistryReader } from './registry.js'
export { openSqliteRegistry } from './sqlite-registry.js'
export type { SqliteRegistryOptions } from './sqlite-registry.js'
