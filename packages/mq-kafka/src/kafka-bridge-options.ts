import type { BridgeOptions } from '@frontier/mq'

/** TLS to the brokers; files are read by whoever has them. */
export interface KafkaTlsOptions {
  /** PEM of the authorities to trust; those of the system by default. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined
  /** PEM of the client's certificate and its key, where brokers ask for one. */
  readonly cert?: string | Buffer | undefined
  readonly key?: string | Buffer | undefined
  readonly passphrase?: string | undefined
  /** Name that certificates are held against: the host of each address by default. */
  readonly servername?: string | undefined
  /** Takes any certificate: false. */
  readonly insecureSkipVerify?: boolean | undefined
}

/** Credentials of the client. Use TLS with `plain`: it sends the password as it is. */
export interface KafkaSaslOptions {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** How messages are compressed. All but `gzip` need a package that is installed by whoever wants them: see the README. */
export type KafkaCompression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** When a batch goes. */
export interface KafkaFlushOptions {
  /** A batch of so many bytes goes at once: as `maxMessageBytes` by default, and never more than that. */
  readonly bytes?: number | undefined
  /** A batch of so many messages goes at once: 500. */
  readonly messages?: number | undefined
  /** How long messages wait for company: 0 = until the end of the event loop's turn. They also wait while the batch before them is on its way. */
  readonly frequencyMs?: number | undefined
  /** Most messages in one batch; the lower of this and `messages` counts. */
  readonly maxMessages?: number | undefined
}

/** What to do when a batch fails for a reason that may pass. */
export interface KafkaRetryOptions {
  /** Tries after the first. Without it there is no end: the time budget of each publish bounds what its edge waits. */
  readonly max?: number | undefined
  /** Wait before the second try: 100; each ceiling is twice the one before, up to `maxReconnectDelayMs`, and the wait is random in the upper half below it. */
  readonly backoffMs?: number | undefined
}

/** Options of {@link kafkaBridge}. */
export interface KafkaBridgeOptions extends BridgeOptions {
  /** `host:port` of some brokers, port 9092 by default; the others are learnt from them. Each is tried. */
  readonly addresses: readonly string[]
  readonly clientId?: string | undefined
  /** `true` = TLS with the system's authorities. */
  readonly tls?: boolean | KafkaTlsOptions | undefined
  readonly sasl?: KafkaSaslOptions | undefined
  /** Who has to have a message before it is acknowledged: 'all' in-sync copies (default), the 'leader', or 'none': then nobody knows whether it arrived. */
  readonly requiredAcks?: 'all' | 'leader' | 'none' | undefined
  /** A message that was acknowledged is in the log once, whatever was lost on the way: true with `requiredAcks: 'all'`; the others cannot have it. */
  readonly idempotent?: boolean | undefined
  /** Largest message: key, headers and data: 1,000,000. Brokers take 1,048,588 by default. */
  readonly maxMessageBytes?: number | undefined
  /** How long a broker may wait for the copies: 10,000. It has 5 s more to answer. */
  readonly timeoutMs?: number | undefined
  readonly compression?: KafkaCompression | undefined
  /** gzip: 0-9, zstd: 1-22; -1 = the codec's own choice, which is the default. The others have none. */
  readonly compressionLevel?: number | undefined
  readonly flush?: KafkaFlushOptions | undefined
  readonly retry?: KafkaRetryOptions | undefined
  /** Whether a topic that is missing is created, as the brokers create topics by default: false = its messages are refused with RECORD_NOT_FOUND. */
  readonly createTopics?: boolean | undefined
  /** Where a consumer group begins that has committed nothing yet: 'earliest', so that nothing is missed. */
  readonly consumeFrom?: 'earliest' | 'latest' | undefined
  /** How long brokers keep the place of a consumer that they do not hear of, and its partitions stand still: 10,000. */
  readonly sessionTimeoutMs?: number | undefined
}
