import type { BridgeOptions } from '@frontier/mq'

/** TLS towards nsqd. PEM, as text or bytes. */
export interface NsqTls {
  /** Who signed nsqd's certificate; the system's authorities by default. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** The client's certificate and key, for nsqds that ask for one: both or none. */
  readonly cert?: string | Uint8Array | undefined
  readonly key?: string | Uint8Array | undefined
  /** The name in nsqd's certificate, where it is not the host's. */
  readonly serverName?: string | undefined
  /** Takes any certificate: false. */
  readonly insecureSkipVerify?: boolean | undefined
}

/** Options of {@link nsqBridge}. */
export interface NsqBridgeOptions extends BridgeOptions {
  /** `host:port` of each nsqd. All are used: messages are spread by their key, and those of one that is away go to the others. */
  readonly addresses: readonly string[]
  /** `host:port`, or the URL, of each nsqlookupd: it says where what is consumed is. Without it, that is at `addresses`. */
  readonly lookupdAddresses?: readonly string[] | undefined
  /** How often nsqlookupd is asked, at least 100 ms: 2,000. */
  readonly lookupdPollMs?: number | undefined
  /** An nsqd that then has no TLS is not used. */
  readonly tls?: NsqTls | undefined
  readonly authSecret?: string | undefined
  /**
   * `raw`: the edge's bytes, and nothing else (default). `json`: an object of `id`, `key`, `headers`, `encoding` (`utf8` or `base64`) and `body`, since a message of NSQ has
   * neither headers nor a key.
   */
  readonly envelope?: 'raw' | 'json' | undefined
  /** Longest message, its envelope included, as `--max-msg-size` of nsqd: 1 MiB. nsqd closes the connection over a longer one. */
  readonly maxMessageBytes?: number | undefined
  /** Longest command, as `--max-body-size` of nsqd: 5 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** An nsqd that is silent for two or three of these is gone; 1 to 60: 5. */
  readonly heartbeatSeconds?: number | undefined
  /** How long nsqd waits for what is consumed before it sends it again; nsqd's `--msg-timeout` by default. It is told in time that a message is still in work. */
  readonly messageTimeoutMs?: number | undefined
}
