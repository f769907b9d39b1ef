/** What an edge's topic becomes at the broker. The first mapping whose `topic` fits counts; a topic that none fits keeps its name. */
export interface TopicMapping {
  /** A name, a pattern (`sensors.>`, `sensors.*.temp`), or `*` for every topic. */
  readonly topic: string
  /**
   * The broker's topic, subject, routing key, queue or stream, with placeholders: `{topic}`, `{topic.0}` (its first word, counted from 0, between dots), `{edgeId}`,
   * `{label.x}`. `{topic}` by default. A placeholder that the edge has nothing for refuses the message with INVALID_ARGUMENT.
   */
  readonly to?: string | undefined
  /** What keeps messages in order, with the same placeholders: `{edgeId}` by default; '' = none. */
  readonly key?: string | undefined
  /** The partition, of brokers that have them, with the same placeholders; the broker's choice by key by default. */
  readonly partition?: number | string | undefined
}

/** To which edges a consumed message goes. */
export type InboundTarget =
  /** The edge whose id, in decimal digits, is in this header: `frontier-edge-id` by default. */
  | { readonly header?: string | undefined }
  /** The edge whose id is the message's key. */
  | { readonly key: true }
  /** All edges that have these labels, with these values. */
  | { readonly labels: Readonly<Record<string, string>> }

/** The other direction: a topic, queue, subject or stream of the broker whose messages go to edges. */
export interface InboundOptions {
  /** Topic, queue, subject or stream. */
  readonly from: string
  /** Consumer group, durable or channel, which gateways that share the work have in common: `frontier` by default. */
  readonly group?: string | undefined
  readonly to?: InboundTarget | undefined
  /** The topic that the edge sees, with the placeholder `{source}`: `{source}` by default. */
  readonly topic?: string | undefined
  /** Where messages go that cannot be delivered, with the reason in the header `frontier-error`; without it they are counted, logged and given up. */
  readonly deadLetter?: string | undefined
  /** How long an edge may take to be done with a message, in milliseconds: 30,000 by default. An edge that is behind is tried again meanwhile; what waits behind a message that was too long fails with it. */
  readonly timeoutMs?: number | undefined
  /** Messages that may be on their way to edges at once: 256 by default. Those of one edge go one after another. */
  readonly maxUnsettled?: number | undefined
}

/** pino-shaped; silent without one. */
export interface BridgeLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What every bridge into a broker has in common. */
export interface BridgeOptions {
  /** One of its own in each gateway: the broker's kind by default. */
  readonly name?: string | undefined
  /** What it takes: names, patterns (`sensors.>`, `sensors.*.temp`), and `*` for what nobody else takes. May be empty where it only consumes. */
  readonly topics?: readonly string[] | undefined
  readonly mappings?: readonly TopicMapping[] | undefined
  readonly consume?: readonly InboundOptions[] | undefined
  /** Whether the gateway may only start once the broker was reached: false. */
  readonly required?: boolean | undefined
  /** Messages that may wait for the broker, those on their way to it included: 65,536; one more is answered BUFFER_FULL. One edge has an eighth of them. */
  readonly maxWaiting?: number | undefined
  /** The same in bytes: 64 MiB. */
  readonly maxWaitingBytes?: number | undefined
  /** How long the broker may take with what it was sent, before the connection is given up and made anew: 30,000. */
  readonly ackTimeoutMs?: number | undefined
  /** How long one attempt to connect may take: 10,000. */
  readonly connectTimeoutMs?: number | undefined
  /** Longest wait between attempts; the first is at most 250 ms, each ceiling is twice the one before, and the wait is random below it: 5,000. */
  readonly maxReconnectDelayMs?: number | undefined
  /** How long a close may take to send what waits: 5,000. */
  readonly closeTimeoutMs?: number | undefined
  readonly logger?: BridgeLogger | undefined
}
