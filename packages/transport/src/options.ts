import { FrontierError } from '@frontier/wire'

import type { BytePipe } from './pipe.js'

/** One certificate, key or authority, or several, in PEM. */
export type Pem = string | Uint8Array | readonly (string | Uint8Array)[]

/** TLS as the side that dials. */
export interface DialTlsOptions {
  /** Authorities to trust instead of the system's. */
  ca?: Pem
  /** The client certificate, for listeners that ask for one. */
  cert?: Pem
  key?: Pem
  /** The name the certificate must carry, and SNI; default: the host that is dialled. */
  servername?: string
  /** false takes any certificate: for tests only. Default true. */
  rejectUnauthorized?: boolean
}

/** How to dial. */
export interface DialOptions {
  /** Gives up: the dial rejects with CANCELLED. */
  signal?: AbortSignal
  /** Milliseconds for the connection with its TLS handshake (5,000; Infinity = no limit), then TIMEOUT. */
  timeoutMs?: number
  /** For tls addresses. */
  tls?: DialTlsOptions
}

/** Dial options with their defaults. */
export interface ResolvedDialOptions {
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number
  readonly tls: DialTlsOptions
}

/** TLS as the side that listens. */
export interface ListenTlsOptions {
  /** The certificate with its chain; with a list, as many keys in the same order (RSA beside EC). */
  cert: Pem
  key: Pem
  /** Authorities that client certificates are verified against; needed for, and only used with, `mtls`. */
  ca?: Pem
  /** Ask every client for a certificate and refuse those without a valid one. Default false. */
  mtls?: boolean
}

/** Why a connection was closed before it became a pipe. */
export type RefusalReason =
  | 'silence'
  | 'unknown-protocol'
  | 'geminio-v1'
  | 'websocket'
  | 'tls-on-plain'
  | 'plain-on-tls'
  | 'bad-certificate'
  | 'tls-failed'
  | 'too-many'

/** A connection that did not become a pipe. */
export interface Refusal {
  readonly remoteAddress: string
  readonly reason: RefusalReason
}

/** Where the listener reports what nobody waits for; pino fits. */
export interface TransportLogger {
  warn(fields: Record<string, unknown>, message: string): void
}

/** What takes the pipes, the limits on connections that are none yet, and for tls addresses the certificate. */
export interface ListenOptions {
  /** A connection that speaks the Frontier protocol. Start it at once or later; a throw closes it. */
  onPipe(pipe: BytePipe): void
  /** A connection was closed because of what it sent, or did not send. Never called for one that closed by itself, as probes do. */
  onRefused?(refusal: Refusal): void
  /** Milliseconds a connection may stay silent (5,000); for TLS once for the handshake and once for the first byte. */
  sniffTimeoutMs?: number
  /** Connections that have not shown their protocol yet (4,096); above it the oldest is closed. */
  maxSniffing?: number
  /** Told of what a handler threw, and of connections that could not be accepted. */
  logger?: TransportLogger
  /** Needed for tls addresses. */
  tls?: ListenTlsOptions
}

/** Checks dial options and fills in the defaults; throws INVALID_ARGUMENT. */
export function resolveDialOptions(options: DialOptions = {}): ResolvedDialOptions {
  const { signal, timeoutMs = 5_000, tls = {} } = options
  if (!(timeoutMs > 0)) throw new FrontierError('INVALID_ARGUMENT', `timeoutMs must be above 0, not ${timeoutMs}`)
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new FrontierError('INVALID_ARGUMENT', 'tls.cert and tls.key must be given together')
  }
  return { signal, timeoutMs, tls }
}

/** Checks the limits of a listener and fills in the defaults; throws INVALID_ARGUMENT. */
export function resolveSniffLimits(options: { sniffTimeoutMs?: number; maxSniffing?: number }): {
  sniffTimeoutMs: number
  maxSniffing: number
} {
  const { sniffTimeoutMs = 5_000, maxSniffing = 4_096 } = options
  if (!(sniffTimeoutMs > 0 && sniffTimeoutMs <= 0x7fffffff)) {
    throw new FrontierError('INVALID_ARGUMENT', `sniffTimeoutMs must be above 0 and finite, not ${sniffTimeoutMs}`)
  }
  if (!(Number.isInteger(maxSniffing) && maxSniffing > 0)) {
    throw new FrontierError('INVALID_ARGUMENT', `maxSniffing must be a whole number above 0, not ${maxSniffing}`)
  }
  return { sniffTimeoutMs, maxSniffing }
}

/** Checks what cannot work with TLS; throws INVALID_ARGUMENT. */
export function assertListenTlsOptions(tls: ListenTlsOptions | undefined): asserts tls is ListenTlsOptions {
  if (tls === undefined) throw new FrontierError('INVALID_ARGUMENT', 'a tls:// address needs tls.cert and tls.key')
  if (tls.mtls === true && tls.ca === undefined) {
    throw new FrontierError('INVALID_ARGUMENT', 'tls.mtls needs tls.ca: whose client certificates are accepted')
  }
}
