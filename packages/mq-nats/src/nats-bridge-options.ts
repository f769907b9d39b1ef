import type { BridgeOptions } from '@frontier/mq'

/** TLS to the servers; files are read by whoever has them. */
export interface NatsTlsOptions {
  /** PEM of the authorities to trust; those of the system by default. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined
  /** PEM of the client's certificate and its key, where servers ask for one. */
  readonly cert?: string | Buffer | undefined
  readonly key?: string | Buffer | undefined
  /** Name that certificates are held against: the host of each address by default. */
  readonly servername?: string | undefined
  /** Takes any certificate: false. */
  readonly insecureSkipVerify?: boolean | undefined
  /** Begins with TLS, where the server's `handshake_first` asks for it: false. */
  readonly handshakeFirst?: boolean | undefined
}

/** The stream that messages go into. */
export interface JetStreamOptions {
  /** Name of the stream. It is created when it is missing, and never changed when it is there. */
  readonly name: string
  /** What the stream takes, when it is created, and what it has to take, when it is there: the bridge's `topics` by default, `*` excepted. */
  readonly subjects?: readonly string[] | undefined
  /** Whether a missing stream is created: true. */
  readonly create?: boolean | undefined
  /** For a stream that is created: 'file' by default. */
  readonly storage?: 'file' | 'memory' | undefined
  /** Copies, for a stream that is created: 1. */
  readonly replicas?: number | undefined
  /** How long messages are kept, for a stream that is created: for ever. */
  readonly maxAgeMs?: number | undefined
  /** Bytes that are kept, for a stream that is created: no bound. */
  readonly maxBytes?: number | undefined
  /** How long the stream knows a message again, for a stream that is created: 120,000. What an edge's time budget goes beyond may be stored twice. */
  readonly duplicateWindowMs?: number | undefined
  /** How long the stream may take to acknowledge a message: 5,000. Then the connection is made anew, and the message is sent again. */
  readonly publishTimeoutMs?: number | undefined
}

/** Options of {@link natsBridge}. */
export interface NatsBridgeOptions extends BridgeOptions {
  /** `host:port` or `nats://host:port` of some servers (`tls://`: with TLS), port 4222 by default. Each is tried; the others of a cluster are not learnt. */
  readonly addresses: readonly string[]
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
  /** Seed of an nkey: `SU...`. */
  readonly nkeySeed?: string | undefined
  /** Content of a `.creds` file: a user's JWT and seed. */
  readonly creds?: string | Buffer | undefined
  /** `true` = TLS with the system's authorities. */
  readonly tls?: boolean | NatsTlsOptions | undefined
  /** Name of the connection, for the server's monitoring: `frontier`. */
  readonly clientName?: string | undefined
  /** How often a server that says nothing is asked whether it is there; the second time without an answer it is not: 10,000. */
  readonly pingIntervalMs?: number | undefined
  /** Messages go into this stream, and are acknowledged when it has them. Without it they are core NATS: they go to whoever listens at that moment. */
  readonly jetStream?: JetStreamOptions | undefined
}
