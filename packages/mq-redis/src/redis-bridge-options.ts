import type { BridgeOptions } from '@frontier/mq'

/** TLS to the servers; files are read by whoever has them. */
export interface RedisTlsOptions {
  /** PEM of the authorities to trust; those of the system by default. */
  readonly ca?: string | Buffer | undefined
  /** PEM of the client's certificate and its key, where servers ask for one. */
  readonly cert?: string | Buffer | undefined
  readonly key?: string | Buffer | undefined
  /** Name that certificates are held against: the host of each address by default. */
  readonly servername?: string | undefined
  /** Takes any certificate: false. */
  readonly insecureSkipVerify?: boolean | undefined
}

/** Options of {@link redisBridge}. */
export interface RedisBridgeOptions extends BridgeOptions {
  /**
   * `host:port` of the servers, one of which is used at a time, or of sentinels, or of some nodes of a cluster; port 6379 by default, 26379 of a sentinel. When one does
   * not serve, the next is tried.
   */
  readonly addresses: readonly string[]
  /** `addresses` are sentinels, and this is the master's name there. */
  readonly sentinelName?: string | undefined
  /** Where sentinels ask for a login of their own. */
  readonly sentinelUsername?: string | undefined
  readonly sentinelPassword?: string | undefined
  /** `addresses` are nodes of a cluster: false. */
  readonly cluster?: boolean | undefined
  /** 0 by default, and always in a cluster. */
  readonly db?: number | undefined
  /** With a password; the server's default user without. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** `true` = TLS with the system's authorities. */
  readonly tls?: boolean | RedisTlsOptions | undefined
  /** `pubsub` (default): PUBLISH, to whoever listens at that moment. `stream`: XADD, and the stream keeps it. */
  readonly mode?: 'pubsub' | 'stream' | undefined
  /** About how many entries a stream keeps: all by default. */
  readonly streamMaxLength?: number | undefined
  /** Whether a stream that is missing is made: true. Else a publish into it fails with RECORD_NOT_FOUND. */
  readonly createStreams?: boolean | undefined
  /** Bytes that a message may have: 512 MiB, or what the server says (`proto-max-bulk-len`) if that is less. */
  readonly maxMessageBytes?: number | undefined
  /** Where a group that is missing begins to consume: with the `oldest` entry (default), or with what comes after it was made. */
  readonly groupStart?: 'oldest' | 'newest' | undefined
  /** Name of this gateway in consumer groups, one of its own: the host's and the bridge's by default. It gets what it left unfinished when it comes again. */
  readonly consumerName?: string | undefined
  /** When entries that another consumer took and never finished are taken over, in milliseconds: 60,000. Above `timeoutMs` of what is consumed. */
  readonly claimAfterMs?: number | undefined
}
