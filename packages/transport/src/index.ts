export { formatAddress, parseAddress } from './address.js'
export type { Address } from './address.js'
export { dial } from './dial.js'
export { listen } from './listen.js'
export type { Listener } from './listener.js'
export type {
  DialOptions,
  DialTlsOptions,
  ListenOptions,
  ListenTlsOptions,
  Pem,
  Refusal,
  RefusalReason,
  TransportLogger,
} from './options.js'
export { openServer } from './open-server.js'
export { peerIdentityOf } from './peer-identity.js'
export type { BytePipe, PeerIdentity, PipeHandler } from './pipe.js'
export { toDuplex } from './stream-duplex.js'
export type { StreamAcceptor, StreamLike } from './stream-like.js'
export type { StreamServer, StreamServerEvents } from './stream-server.js'
