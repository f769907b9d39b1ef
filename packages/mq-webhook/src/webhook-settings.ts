import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { BridgeLogger } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { WebhookBridgeOptions, WebhookTlsOptions } from './webhook-bridge-options.js'
import { signingKey } from './webhook-signature.js'
import { WebhookTarget } from './webhook-target.js'

const OWN_HEADERS = /^(webhook-|x-frontier-|content-length$|transfer-encoding$|connection$|host$)/
const ignore = (): void => undefined
const SILENT: BridgeLogger = { info: ignore, warn: ignore, error: ignore }

/** {@link WebhookBridgeOptions}, checked and with everything filled in. */
export interface WebhookSettings {
  readonly name: string
  readonly topics: readonly string[]
  readonly target: WebhookTarget
  readonly keys: readonly Buffer[]
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly rejectUnauthorized: boolean }
  readonly isRequired: boolean
  readonly timeoutMs: number
  readonly connectTimeoutMs: number
  readonly maxAttempts: number
  readonly maxRetryDelayMs: number
  readonly maxConcurrency: number
  readonly limits: { readonly maxWaiting: number | undefined; readonly maxWaitingBytes: number | undefined }
  readonly closeTimeoutMs: number
  readonly logger: BridgeLogger
}

/** Checks `options`. @throws INVALID_ARGUMENT, with the reason, for what does not hold. */
export function webhookSettings(options: WebhookBridgeOptions): WebhookSettings {
  const { url, mappings = [], topics = [], secret = [], name = 'webhook' } = options
  if (topics.length === 0) throw invalid('no topics')
  if (options.consume !== undefined && options.consume.length > 0) throw invalid('there is nothing to consume')
  if (mappings.some(({ partition }) => partition !== undefined)) throw invalid('there are no partitions')
  return {
    name,
    topics,
    target: new WebhookTarget(url, mappings, options.allowHttp ?? false),
    keys: (typeof secret === 'string' ? [secret] : secret).map(signingKey),
    headers: headersOf(options.headers ?? {}),
    tls: tlsOf(options.tls ?? {}),
    isRequired: options.required ?? false,
    timeoutMs: count('timeoutMs', options.timeoutMs, 10_000),
    connectTimeoutMs: count('connectTimeoutMs', options.connectTimeoutMs, 10_000),
    maxAttempts: count('maxAttempts', options.maxAttempts, 5),
    maxRetryDelayMs: count('maxRetryDelayMs', options.maxRetryDelayMs, 30_000),
    maxConcurrency: count('maxConcurrency', options.maxConcurrency, 64),
    limits: { maxWaiting: options.maxWaiting, maxWaitingBytes: options.maxWaitingBytes },
    closeTimeoutMs: count('closeTimeoutMs', options.closeTimeoutMs, 5000),
    logger: options.logger ?? SILENT,
  }
}

/** What does not hold. */
export function invalid(reason: string, cause?: unknown): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', `webhook: ${reason}`, { cause })
}

function count(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (!Number.isInteger(value) || value < 1 || value > 0x7fff_ffff) throw invalid(`${name} is a whole number from 1, got ${value}`)
  return value
}

function headersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const own: Record<string, string> = { 'content-type': 'application/octet-stream', 'user-agent': 'frontier-webhook' }
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase()
    if (OWN_HEADERS.test(name)) throw invalid(`the header ${name} is the bridge's own`)
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (cause) {
      throw invalid(`the header ${JSON.stringify(given)} cannot be sent`, cause)
    }
    own[name] = value
  }
  return own
}

function tlsOf({ ca, cert, key, insecureSkipVerify = false }: WebhookTlsOptions): WebhookSettings['tls'] {
  if ((cert === undefined) !== (key === undefined)) throw invalid('tls has a certificate and its key, or neither')
  return {
    rejectUnauthorized: !insecureSkipVerify,
    ...(ca !== undefined && { ca: String(ca) }),
    ...(cert !== undefined && { cert: String(cert) }),
    ...(key !== undefined && { key: String(key) }),
  }
}
