export { formatAddress, parseAddress } from './address.js'
export type { Address } from './address.js'
export { dial, listen, openServer, toDuplex } from './browser.js'
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
export { peerIdentityOf } from './peer-identity.js'
export type { BytePipe, PeerIdentity, PipeHandler } from './pipe.js'
export type { StreamAcceptor, StreamLike } from './stream-like.js'
