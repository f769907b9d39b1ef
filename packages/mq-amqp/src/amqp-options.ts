import type { BridgeOptions } from '@frontier/mq'

/** TLS towards RabbitMQ. PEM, as text or bytes. */
export interface AmqpTls {
  /** Who signed the broker's certificate; the system's authorities by default. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** The client's certificate and key, for brokers that ask for one: both or none. */
  readonly cert?: string | Uint8Array | undefined
  readonly key?: string | Uint8Array | undefined
  /** The name in the broker's certificate, where it is not the host's. */
  readonly serverName?: string | undefined
  /** Takes any certificate: false. */
  readonly insecureSkipVerify?: boolean | undefined
}

/** An exchange that each connection declares. */
export interface AmqpExchange {
  readonly name: string
  /** `direct`, `fanout`, `topic`, `headers`, or one of a plugin. */
  readonly kind: string
  readonly durable?: boolean | undefined
  readonly autoDelete?: boolean | undefined
  /** Takes messages from other exchanges only. */
  readonly internal?: boolean | undefined
  /** Taken, and without effect: the broker's answer is waited for, since a refusal has to be known. */
  readonly nowait?: boolean | undefined
}

/** A queue that each connection declares. */
export interface AmqpQueue {
  /** '' = the broker makes one up. */
  readonly name: string
  readonly durable?: boolean | undefined
  readonly autoDelete?: boolean | undefined
  /** This connection's alone, and gone with it. */
  readonly exclusive?: boolean | undefined
  /** Taken, and without effect. */
  readonly nowait?: boolean | undefined
}

/** A binding that each connection declares. */
export interface AmqpQueueBinding {
  readonly queueName: string
  readonly exchangeName: string
  readonly bindingKey: string
  /** Taken, and without effect. */
  readonly nowait?: boolean | undefined
}

/** A value of a header that is set on every message. */
export type AmqpHeaderValue = string | number | boolean | Uint8Array | readonly AmqpHeaderValue[]

/** How messages are published. */
export interface AmqpProducer {
  /** Where to: the default exchange, `''`, by default, whose routing keys are names of queues. */
  readonly exchange?: string | undefined
  /** Whether a message that no queue gets is refused with RECORD_NOT_FOUND: true. */
  readonly mandatory?: boolean | undefined
  /** RabbitMQ has not had it since 3.0: true is refused with INVALID_ARGUMENT. */
  readonly immediate?: boolean | undefined
  /** Set on every message; those that come with it win. */
  readonly headers?: Readonly<Record<string, AmqpHeaderValue>> | undefined
  readonly contentType?: string | undefined
  readonly contentEncoding?: string | undefined
  /** 1 = gone when the broker restarts, 2 = kept on disk in durable queues: 2. */
  readonly deliveryMode?: 1 | 2 | undefined
  /** 0 to 255. */
  readonly priority?: number | undefined
  readonly replyTo?: string | undefined
  /** Milliseconds that a message may lie in a queue. */
  readonly expiration?: string | number | undefined
  readonly type?: string | undefined
  /** RabbitMQ takes only the connection's own, unless the user is an impersonator. */
  readonly userId?: string | undefined
  readonly appId?: string | undefined
}

/** Options of {@link amqpBridge}. */
export interface AmqpBridgeOptions extends BridgeOptions {
  /** `user:password@host:port`, percent-encoded as in an URL; also with `amqp://` or `amqps://` before it. The next one is tried where one fails. */
  readonly addresses: readonly string[]
  /** `/` by default. */
  readonly vhost?: string | undefined
  /** Highest number of a channel; the broker's by default. */
  readonly channelMax?: number | undefined
  /** Longest frame in bytes, at least 8,192: 131,072. */
  readonly frameMaxBytes?: number | undefined
  /** A broker that is silent for two or three of these is gone: 10. */
  readonly heartbeatSeconds?: number | undefined
  /** `en_US` by default. */
  readonly locale?: string | undefined
  /** For all of `addresses`; those that begin with `amqps://` have TLS without it too. */
  readonly tls?: AmqpTls | undefined
  readonly exchanges?: readonly AmqpExchange[] | undefined
  readonly queues?: readonly AmqpQueue[] | undefined
  readonly queueBindings?: readonly AmqpQueueBinding[] | undefined
  readonly producer?: AmqpProducer | undefined
  /** Longest message: 16 MiB, RabbitMQ 4's own default. Where the broker's limit is lower, that counts from the first message that it refuses. */
  readonly maxMessageBytes?: number | undefined
}
