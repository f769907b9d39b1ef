import type { FrontierError } from '@frontier/wire'

/** A message as a broker gets it: what the mapping of topics made of an edge's message, or a dead letter. */
export interface OutgoingMessage {
  /** Topic, subject, queue, routing key, stream or path: whatever the broker calls its address. */
  readonly target: string
  /** What keeps messages in order: the edge's id in decimal digits, unless the mapping says otherwise. '' = none. */
  readonly key: string
  /** Where the mapping names one, of brokers that have them. */
  readonly partition: number | undefined
  /**
   * Names are lower case letters, digits and dashes. See {@link textHeaders} for brokers whose headers are text, and {@link perHeaders} for what is made of them: frozen ones are
   * those of many messages.
   */
  readonly headers: Readonly<Record<string, string | Uint8Array>>
  readonly data: Uint8Array
  /** Its own for ever: what brokers deduplicate by. The same when it is sent again. */
  readonly id: string
}

/** An {@link OutgoingMessage} that somebody waits for. Exactly one of its methods is called, once; later calls are ignored. */
export interface PendingMessage extends OutgoingMessage {
  /** The broker has it. */
  done(): void
  /** The broker does not take this one; the connection is as good as before. */
  refuse(error: FrontierError): void
  /** Nobody knows whether the broker has it: the connection went, or it did not answer in time. It is sent again, if the driver's `resend` allows it. */
  lost(error: FrontierError): void
}

/** A message from a broker. Exactly one of its methods is called, once. */
export interface IncomingMessage {
  /** Topic, subject, queue or stream that it came by. */
  readonly source: string
  readonly key: string
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | Uint8Array>>
  readonly data: Uint8Array
  /** It is dealt with: the broker may forget it. */
  ack(): void
  /** It is not: the broker should send it again, as far as it can, and not at once: what cannot be settled would go round and round. */
  retry(): void
}

/** What to consume. */
export interface ConsumeOptions {
  /** Topic, queue, subject or stream. */
  readonly from: string
  /** Those who share the work have one group: consumer group, durable, channel. */
  readonly group: string
  /** Messages that may be unsettled at once. */
  readonly maxUnsettled: number
  /** Takes each message as it comes; never throws. */
  onMessage(message: IncomingMessage): void
}

/** One connection to a broker. */
export interface BrokerSession {
  /**
   * Sends messages in their order; each is settled by one of its methods, in any order and at any time, also within this call. Never throws. Called again
   * only while fewer batches than `BatchLimits.maxBatches` have unsettled messages.
   */
  send(batch: readonly PendingMessage[]): void
  /** Consumes from now on, for as long as the session lives. Rejects when the broker refuses it, and may be asked again then. Absent: this broker, or this mode of it, cannot be consumed. */
  consume?(options: ConsumeOptions): Promise<void>
  /** Sends what is on its way, within `timeoutMs`, and closes. Whatever is unsettled then is `lost`. Never rejects. */
  close(timeoutMs: number): Promise<void>
}

/** How much goes to a session at once. */
export interface BatchLimits {
  readonly maxMessages: number
  readonly maxBytes: number
  /** Batches that may have unsettled messages at once: 1 where a second could overtake the first. */
  readonly maxBatches: number
  /** How long messages wait for company, in milliseconds; 0 = until the end of the event loop's turn. */
  readonly lingerMs: number
}

/** What may be done with a message that was `lost`. */
export type ResendPolicy =
  /** Sent again, and the broker knows it by its id or sequence: it has it once. */
  | 'deduplicated'
  /** Sent again; the broker may have it twice. */
  | 'at-least-once'
  /** Not sent again: its edge is told BRIDGE_UNAVAILABLE, `delivered: 'maybe'`. */
  | 'never'

/** What a session tells while it lives. */
export interface SessionEvents {
  /** The connection is gone: every unsettled message was `lost` before. Called once at most, never within `close`. */
  onLost(error: FrontierError): void
  /** The connection is bad, but the client library mends it by itself, or has mended it: only the state of the bridge changes. */
  onTrouble(error: FrontierError): void
  onRecovered(): void
}

/** What makes a bridge of a broker's client library. The rest (buffering, reconnecting, time budgets, counts, mapping) is {@link createBrokerBridge}'s. */
export interface BrokerDriver {
  /** `kafka`, `amqp`, ... */
  readonly kind: string
  readonly batch: BatchLimits
  readonly resend: ResendPolicy
  /** Why `message` cannot go to this broker, by the broker's own rules for names, keys and sizes; checked before it touches the wire. */
  check(message: OutgoingMessage): FrontierError | undefined
  /** Gets what no attempt can do without, such as an optional package. When it rejects, the bridge does not start, whether it is required or not. */
  prepare?(): Promise<void>
  /**
   * Connects, declares what is configured and is ready to send. Rejects with a FrontierError: UNAUTHENTICATED or PERMISSION_DENIED for a credential that is not
   * taken, INVALID_ARGUMENT for a configuration that the broker refuses, else BRIDGE_UNAVAILABLE. Gives up when `signal` aborts, leaving nothing behind.
   */
  open(events: SessionEvents, signal: AbortSignal): Promise<BrokerSession>
}
