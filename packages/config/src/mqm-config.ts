// The section `mqm`: what edges may publish into, outside of the gateway. Above 200 lines: one table of keys, by broker.
import type { TlsConfig } from './listen-config.js'

/** Message brokers; all are off by default. */
export interface MqmConfig {
  readonly kafka: KafkaConfig
  readonly amqp: AmqpConfig
  readonly nats: NatsConfig
  readonly nsq: NsqConfig
  readonly redis: RedisConfig
  readonly webhook: WebhookConfig
}

/** What all bridges have in common. */
export interface BridgeConfig {
  readonly enable: boolean
  /** Refuse to start when the broker cannot be reached: false. */
  readonly required: boolean
  /** What topics become at the broker; the first that fits counts. */
  readonly mappings: readonly MappingConfig[]
  /** What is delivered to edges. */
  readonly consume: readonly ConsumeConfig[]
  /** Messages that may wait for the broker, and their bytes: 65,536 and 64 MiB. */
  readonly max_waiting: number
  readonly max_waiting_bytes: number
}

/** What all bridges with a connection to a broker have in common. */
export interface BrokerConfig extends BridgeConfig {
  /** How long the broker may take with what it was sent: 30. */
  readonly ack_timeout_seconds: number
}

/** One row of `mappings`. */
export interface MappingConfig {
  /** A name, a pattern (`sensors.>`, `sensors.*.temp`), or `*`. */
  readonly topic: string
  /** With `{topic}`, `{topic.0}`, `{edgeId}`, `{label.x}`: `{topic}`. */
  readonly to?: string | undefined
  /** What keeps order: `{edgeId}`. */
  readonly key?: string | undefined
  readonly partition?: number | string | undefined
}

/** One row of `consume`. */
export interface ConsumeConfig {
  /** Topic, queue, subject or stream. */
  readonly from: string
  /** Consumer group, durable or channel: frontier. */
  readonly group?: string | undefined
  /** Which edge: `{header: name}` (frontier-edge-id), `{key: true}`, or `{labels: {…}}` for all edges with them. */
  readonly to?: { readonly header?: string | undefined; readonly key?: true | undefined; readonly labels?: Readonly<Record<string, string>> | undefined } | undefined
  /** The topic that the edge sees, with `{source}`: `{source}`. */
  readonly topic?: string | undefined
  readonly dead_letter?: string | undefined
  readonly timeout_seconds?: number | undefined
  readonly max_unsettled?: number | undefined
}

/** Kafka. */
export interface KafkaConfig extends BrokerConfig {
  /** host:port of brokers to begin with. */
  readonly addrs: readonly string[]
  readonly client_id: string
  readonly tls: TlsConfig
  readonly sasl: {
    /** `''` = none. */
    readonly mechanism: '' | 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  }
  readonly producer: {
    /** What edges may publish. */
    readonly topics: readonly string[]
    /** What waits leaves in batches (default); false: each message in a request of its own. An edge hears when the broker has its message either way. */
    readonly async: boolean
    /** 0 = the library's default, here and below. */
    readonly max_message_bytes: number
    /** -1 all in-sync copies (default), 1 the leader. */
    readonly required_acks: -1 | 1
    /** Seconds. */
    readonly timeout: number
    readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
    readonly compression_level?: number | undefined
    /** Also written `idepotent`, as the family has it: true when `required_acks` is -1. */
    readonly idempotent?: boolean | undefined
    /** `frequency` in seconds. */
    readonly flush: { readonly bytes: number; readonly messages: number; readonly frequency: number; readonly max_messages: number }
    /** `backoff` in seconds. */
    readonly retry: { readonly max: number; readonly backoff: number }
  }
}

/** RabbitMQ. */
export interface AmqpConfig extends BrokerConfig {
  /** `user:pass@host:port`; the next one when one fails. */
  readonly addrs: readonly string[]
  readonly tls: TlsConfig
  readonly vhost: string
  /** 0 = what the broker says, here and below. */
  readonly channel_max: number
  readonly frame_size: number
  /** Seconds. */
  readonly heartbeat: number
  readonly locale: string
  /** Declared with each connection. */
  readonly exchanges: readonly AmqpExchangeConfig[]
  readonly queues: readonly AmqpQueueConfig[]
  /** Also written `queuebindings`. */
  readonly queueBindings: readonly AmqpBindingConfig[]
  readonly producer: {
    /** What edges may publish. */
    readonly routing_keys: readonly string[]
    readonly exchange: string
    /** A message that no queue takes is an error to its edge: true. */
    readonly mandatory: boolean
    /** RabbitMQ does not have it: true stops the start. */
    readonly immediate: boolean
    readonly headers: Readonly<Record<string, string>>
    readonly content_type: string
    readonly content_encoding: string
    /** 2 = kept on disk (default), 1 = not. */
    readonly delivery_mode: 1 | 2
    readonly priority: number
    readonly reply_to: string
    /** Milliseconds, as text. */
    readonly expiration: string
    readonly type: string
    readonly user_id: string
    readonly app_id: string
  }
}

/** An exchange of RabbitMQ. */
export interface AmqpExchangeConfig {
  readonly name: string
  readonly kind: string
  readonly durable: boolean
  readonly auto_delete: boolean
  readonly internal: boolean
  readonly nowait: boolean
}

/** A queue of RabbitMQ. */
export interface AmqpQueueConfig {
  readonly name: string
  readonly durable: boolean
  readonly auto_delete: boolean
  /** Also written `exclustive`, as the family has it. */
  readonly exclusive: boolean
  readonly nowait: boolean
}

/** A queue's binding. */
export interface AmqpBindingConfig {
  readonly queue_name: string
  readonly exchange_name: string
  readonly binding_key: string
  readonly nowait: boolean
}

/** NATS. */
export interface NatsConfig extends BrokerConfig {
  /** host:port; all of them are used. */
  readonly addrs: readonly string[]
  readonly tls: TlsConfig
  readonly user: string
  readonly password: string
  readonly token: string
  /** File with the seed of an nkey; `''` = none. */
  readonly nkey_file: string
  /** File with a user's JWT and seed, as `nsc` writes it; `''` = none. */
  readonly creds_file: string
  /** Begin with TLS, as the server's `handshake_first` asks for. */
  readonly handshake_first: boolean
  /** What edges may publish. */
  readonly producer: { readonly subjects: readonly string[] }
  readonly jetstream: {
    readonly enable: boolean
    /** The stream, created when it is not there. */
    readonly name: string
    readonly producer: { readonly subjects: readonly string[] }
  }
}

/** NSQ. */
export interface NsqConfig extends BrokerConfig {
  /** host:port of nsqd. */
  readonly addrs: readonly string[]
  /** HTTP host:port of nsqlookupd, to find what is consumed. */
  readonly lookupd_addrs: readonly string[]
  readonly tls: TlsConfig
  readonly auth_secret: string
  /** `raw` = the data alone (default), `json` = with key and headers. */
  readonly envelope: 'raw' | 'json'
  /** What nsqd takes: 1 MiB. */
  readonly max_message_bytes: number
  readonly producer: { readonly topics: readonly string[] }
}

/** Redis. */
export interface RedisConfig extends BrokerConfig {
  /** host:port; with `sentinel_name` of sentinels, with `cluster` of nodes. */
  readonly addrs: readonly string[]
  readonly tls: TlsConfig
  readonly db: number
  readonly username: string
  readonly password: string
  readonly sentinel_name: string
  readonly cluster: boolean
  /** `pubsub` (default, as the family: promises nothing) or `stream`. */
  readonly mode: 'pubsub' | 'stream'
  /** Of streams: about so many entries are kept; 0 = all. */
  readonly stream_max_length: number
  readonly producer: { readonly channels: readonly string[] }
}

/** HTTP POST. */
export interface WebhookConfig extends BridgeConfig {
  /** Where it goes, with placeholders in its path or query. */
  readonly url: string
  /** Whether `http:` may go further than this machine: false. */
  readonly allow_http: boolean
  /** Of `https:`: what `enable` makes count. */
  readonly tls: TlsConfig
  /** Signs each request; `''` = none. */
  readonly secret: string
  readonly headers: Readonly<Record<string, string>>
  /** Of one try, seconds: 10. */
  readonly timeout: number
  readonly max_attempts: number
  /** Requests at once: 64. */
  readonly max_concurrency: number
  readonly producer: { readonly topics: readonly string[] }
}
