import type { BridgeOptions } from '@frontier/mq'

/** TLS to the servers; files are read by whoever has them. */
export interface WebhookTlsOptions {
  /** PEM of the authorities to trust; those of the system by default. */
  readonly ca?: string | Buffer | undefined
  /** PEM of the client's certificate and its key, where servers ask for one. */
  readonly cert?: string | Buffer | undefined
  readonly key?: string | Buffer | undefined
  /** Takes any certificate: false. */
  readonly insecureSkipVerify?: boolean | undefined
}

/** Options of {@link webhookBridge}. There is nothing to consume; `to` of a mapping is a URL, `url` without. */
export interface WebhookBridgeOptions extends BridgeOptions {
  /**
   * Where messages are posted, with the placeholders `{topic}`, `{topic.0}`, `{edgeId}` and `{label.x}` in its path or query, percent-encoded. `https:`; `http:` to loopback,
   * or with `allowHttp`.
   */
  readonly url: string
  /** Takes `http:` to everywhere: false. What is sent can be read, and answered, by whoever is on the way. */
  readonly allowHttp?: boolean | undefined
  /** Signs each request, as Standard Webhooks do: `whsec_` and base64, or any text. Several, for as long as a new one takes the place of an old one. */
  readonly secret?: string | readonly string[] | undefined
  /** Headers of each request; `content-type` is `application/octet-stream` without one. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly tls?: WebhookTlsOptions | undefined
  /** How long one try may take, in milliseconds: 10,000. */
  readonly timeoutMs?: number | undefined
  /** Tries for each message, the first included, within its own time: 5. What was published at most once is tried once. */
  readonly maxAttempts?: number | undefined
  /** Longest wait between tries, in milliseconds; the first is at most 500, each ceiling is twice the one before, and the wait is random below it: 30,000. A server that asks for a longer one is not tried again. */
  readonly maxRetryDelayMs?: number | undefined
  /** Requests that may be under way at once, one for each key: 64. */
  readonly maxConcurrency?: number | undefined
}
