/** A broker of one's own, with empty data, on loopback. It ends with the process that started it. */
export interface BrokerProcess {
  readonly name: BrokerName
  /** host:port that clients use. */
  readonly address: string
  /** All of them, where there are several: nsqd, sentinels, nodes of a cluster. */
  readonly addresses: readonly string[]
  /** Of a user who may do everything, where the broker (for Kafka: its SASL port) asks for one. */
  readonly credentials?: { readonly username?: string; readonly password?: string; readonly token?: string; readonly nkeySeed?: string; readonly creds?: string }
  /** Where it speaks TLS, the CA that signed for it and a client's certificate, as PEM text. */
  readonly tls?: { readonly address: string; readonly ca: string; readonly cert: string; readonly key: string }
  /** The variables of `brokers.mjs env`. */
  readonly env: Readonly<Record<string, string>>
  /** What `process` below may name: `nsqd1`, `node2`, `sentinel1`. Without a name all are meant. */
  readonly processes: readonly string[]
  /** The pids of what runs. */
  readonly pids: readonly number[]
  /** SIGKILL; resolves when it is gone. Its data stays. */
  kill(process?: string): Promise<void>
  /** SIGTERM; resolves when it is gone. Its data stays. */
  terminate(process?: string): Promise<void>
  /** SIGSTOP: it hangs, and its sockets stay open. */
  pause(process?: string): Promise<void>
  resume(process?: string): Promise<void>
  /** Starts it again on the same ports with the same data, after a SIGTERM if it runs; resolves when it serves. */
  restart(process?: string): Promise<void>
  /** Ends it and deletes its data. */
  stop(): Promise<void>
  /** The end of what it said. */
  log(): string
}

/** Kafka has SASL and TLS ports too, RabbitMQ and nsqd TLS: those need no broker of their own. */
export type BrokerName =
  | 'redis'
  | 'redis-auth'
  | 'redis-tls'
  | 'redis-sentinel'
  | 'redis-cluster'
  | 'nats'
  | 'nats-user'
  | 'nats-token'
  | 'nats-tls'
  | 'nats-nkey'
  | 'nats-jwt'
  | 'nats-mtls'
  | 'nats3'
  | 'nsq'
  | 'rabbitmq'
  | 'kafka'

export declare const brokerNames: readonly BrokerName[]

/** What a machine lacks to start a broker, in words, for `describe.skipIf`; undefined when nothing, and always where `CI=true`: there `startBroker` fails. */
export declare function missing(name: BrokerName): string | undefined

/** Starts a broker; resolves when it answers in its own protocol. Rejects with its log when it does not. */
export declare function startBroker(name: BrokerName): Promise<BrokerProcess>

/** Installs what brokers need. */
export declare function installBrokers(names: readonly BrokerName[]): Promise<void>
