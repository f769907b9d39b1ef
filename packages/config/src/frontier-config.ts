import type { ListenConfig } from './listen-config.js'
import type { MqmConfig } from './mqm-config.js'

/** How much a log says. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A frontier.yaml with everything filled in. Keys are those of the file. */
export interface FrontierConfig {
  readonly log: LogConfig
  readonly daemon: DaemonConfig
  readonly servicebound: BoundConfig
  readonly edgebound: EdgeboundConfig
  readonly exchange: ExchangeConfig
  readonly controlplane: ControlPlaneConfig
  readonly dao: DaoConfig
  readonly mqm: MqmConfig
}

/** What the program says about itself. */
export interface LogConfig {
  /** The least level that is logged: info. In any case. Flag `--loglevel`, environment `LOG_LEVEL`. */
  readonly level: LogLevel
}

/** The process. */
export interface DaemonConfig {
  /** The gateway's id in a cluster: ''. Environment: `NODE_NAME=x` makes it `frontier-x`. */
  readonly frontier_id: string
  /** How long a stopping gateway waits for what is in flight: 30; 0 = not at all. Environment `FRONTIER_DRAIN_SECONDS`. */
  readonly drain_seconds: number
}

/** One of the two sides on which peers dial in. */
export interface BoundConfig {
  /** Services: tcp 0.0.0.0:30011, edges: tcp 0.0.0.0:30012. Environment: `FRONTIER_SERVICEBOUND_PORT` and `FRONTIER_EDGEBOUND_PORT` replace the port. */
  readonly listen: ListenConfig
  /** How often a silent link is pinged: 30. A peer that is silent for 1.75 intervals is gone. */
  readonly ping_interval_seconds: number
  /** From the first byte to the end of the handshake: 10. */
  readonly handshake_timeout_seconds: number
  /** From the connection to its first byte: 5. */
  readonly sniff_timeout_seconds: number
  readonly limits: LimitsConfig
}

/** The side of the edges. */
export interface EdgeboundConfig extends BoundConfig {
  /** Give an edge an id when no service gives ids: true. `until_seen`: only until the first service that gives ids has come. */
  readonly edgeid_alloc_when_no_idservice_on: boolean | 'until_seen'
}

/** What one peer may take up of the gateway (edge / service), and how many peers there may be. */
export interface LimitsConfig {
  /** Links at once: 1,000,000 / 100,000. One more is turned away. */
  readonly max_links: number
  /** Bytes queued toward the peer above which new requests toward it are answered BUFFER_FULL: 1 MiB / 8 MiB. */
  readonly queue_mark_bytes: number
  /** Bytes queued toward the peer above which it is closed with SLOW_CONSUMER: 16 MiB / 64 MiB. */
  readonly queue_hard_mark_bytes: number
  /** Requests toward the peer that it has not answered: 8,192 / 65,536. */
  readonly max_requests_to: number
  /** Requests of the peer that nobody has answered: 8,192 / 131,072. */
  readonly max_requests_from: number
  /** Streams of its link: 4,096 / 65,536. */
  readonly max_streams: number
  /** Stream data queued toward the peer; a stream that would exceed it is reset: 64 MiB / 256 MiB. */
  readonly stream_queue_bytes: number
  /** Methods and topics it may register: 1,024 / 65,536. */
  readonly max_names: number
}

/** What holds for whatever passes through the gateway. */
export interface ExchangeConfig {
  /** What a service is chosen by: the edge's id (default), its address, or nothing. */
  readonly hashby: 'edgeid' | 'srcip' | 'random'
  /** Secret of the resume tokens, shared by a cluster, 16 characters or more; '' (default) = one of this process's own. Environment `FRONTIER_RESUME_KEY`. */
  readonly resume_key: string
  /** Longest frame, header included: 32,768, the least that the protocol knows, up to 1 MiB. */
  readonly max_frame_bytes: number
  /** Key, meta and data of one request together: 16 MiB. */
  readonly max_payload_bytes: number
}

/** The port of the operators and their programs. */
export interface ControlPlaneConfig {
  /** Off by default. */
  readonly enable: boolean
  /** tcp 0.0.0.0:30010; tcp or unix. */
  readonly listen: ListenConfig
  readonly auth: ControlPlaneAuthConfig
  readonly audit: {
    /** File that every changing call is written to, one line of JSON each; '' (default) = only the log is told. */
    readonly file: string
  }
  /** Longest request taken: 4 MiB. */
  readonly max_body_bytes: number
}

/** Who may use the control plane. With both lists empty (default) whoever reaches the port may do everything. */
export interface ControlPlaneAuthConfig {
  readonly tokens: readonly TokenConfig[]
  readonly certificates: readonly CertificateConfig[]
}

/** A bearer token. */
export interface TokenConfig {
  /** Who has it; the audit log says so. */
  readonly name: string
  /** `read`: may look; `admin`: may change things, too. */
  readonly role: 'read' | 'admin'
  /** The token itself, 16 characters or more; this or `token_file`. */
  readonly token?: string | undefined
  /** File whose first line is the token. */
  readonly token_file?: string | undefined
}

/** A client certificate, of those that `listen.tls.mtls` has verified: known by one of subject and san. */
export interface CertificateConfig {
  readonly name: string
  readonly role: 'read' | 'admin'
  /** `CN=ops,O=Acme`; this or `san`. */
  readonly subject?: string | undefined
  /** `DNS:ops.example.com`, `URI:spiffe://acme/ops` */
  readonly san?: string | undefined
}

/** Where the gateway keeps who is online, for those who ask. */
export interface DaoConfig {
  /** memory, or SQLite, which needs the package better-sqlite3. The family's names `buntdb` and `sqlite` are taken for memory and sqlite3. */
  readonly backend: 'memory' | 'sqlite3'
  /** Where SQLite has its file, one for each running gateway: ''; '' = in memory. */
  readonly file: string
  /** Log the SQL of queries, at level debug: false. */
  readonly debug: boolean
}

/** `T` with every key optional, at every depth; lists are given whole. */
export type ConfigInput<T> = T extends string | number | boolean | readonly unknown[]
  ? T
  : { readonly [K in keyof T]?: ConfigInput<T[K]> | undefined }

/** The object form of frontier.yaml: the same keys, all of them optional. */
export type FrontierConfigInput = Omit<ConfigInput<FrontierConfig>, 'dao'> & { readonly dao?: DaoInput | undefined }

/** The family's other names of the backends are as good. */
type DaoInput = Omit<ConfigInput<DaoConfig>, 'backend'> & { readonly backend?: DaoConfig['backend'] | 'buntdb' | 'sqlite' | undefined }
