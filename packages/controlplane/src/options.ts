import { FrontierError } from '@frontier/wire'

import type { CertificateGrant, TokenGrant } from './access.js'
import { SILENT_LOGGER, type ControlPlaneLogger } from './logger.js'

/** Certificates of the port, in PEM. */
export interface ControlPlaneTls {
  cert: Uint8Array[]
  key: Uint8Array[]
  /** Whose client certificates are taken, with mtls. */
  ca?: Uint8Array[] | undefined
  /** Demand a client certificate. */
  mtls: boolean
}

/** How a control plane listens, and whom it lets in. */
export interface ControlPlaneOptions {
  /** `tcp://host:port`, `tls://host:port` or `unix:///path`; port 0 = any free one. */
  address: string
  /** Needed with tls. */
  tls?: ControlPlaneTls | undefined
  /** Bearer tokens; none by default. Without tokens and certificates everybody who reaches the port may do everything. */
  tokens?: readonly TokenGrant[] | undefined
  /** Client certificates, of those that `tls.ca` has verified; none by default. */
  certificates?: readonly CertificateGrant[] | undefined
  /** File that every changing call is written to, one line of JSON each; none by default. The logger is told in any case. */
  auditFile?: string | undefined
  /** Longest request taken, in bytes: 4 MiB. */
  maxBodyBytes?: number | undefined
  /** From the connection to the end of the first request's headers, in milliseconds: 10,000. */
  headersTimeoutMs?: number | undefined
  /** From the first to the last byte of a request, in milliseconds: 30,000. Streams of requests have no such limit. */
  requestTimeoutMs?: number | undefined
  /** Connections at once: 4,096. */
  maxConnections?: number | undefined
  /** Silent by default. */
  logger?: ControlPlaneLogger | undefined
}

/** {@link ControlPlaneOptions} with everything filled in. */
export interface ResolvedOptions {
  address: string
  tls: ControlPlaneTls | undefined
  tokens: readonly TokenGrant[]
  certificates: readonly CertificateGrant[]
  auditFile: string | undefined
  maxBodyBytes: number
  headersTimeoutMs: number
  requestTimeoutMs: number
  maxConnections: number
  logger: ControlPlaneLogger
}

const MAX_TIMEOUT_MS = 0x7fff_ffff

/** Fills in the defaults. @throws INVALID_ARGUMENT for an option out of range. */
export function resolveOptions(options: ControlPlaneOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    address: options.address,
    tls: options.tls,
    tokens: options.tokens ?? [],
    certificates: options.certificates ?? [],
    auditFile: options.auditFile,
    maxBodyBytes: options.maxBodyBytes ?? 4_194_304,
    headersTimeoutMs: options.headersTimeoutMs ?? 10_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    maxConnections: options.maxConnections ?? 4_096,
    logger: options.logger ?? SILENT_LOGGER,
  }
  checkWhole('maxBodyBytes', resolved.maxBodyBytes, MAX_TIMEOUT_MS)
  checkWhole('headersTimeoutMs', resolved.headersTimeoutMs, MAX_TIMEOUT_MS)
  checkWhole('requestTimeoutMs', resolved.requestTimeoutMs, MAX_TIMEOUT_MS)
  checkWhole('maxConnections', resolved.maxConnections, MAX_TIMEOUT_MS)
  if (resolved.tokens.some(({ token }) => !/^\S+$/.test(token))) throw invalid('a token is empty, or has spaces')
  if (resolved.certificates.some(({ subject, san }) => (subject === undefined) === (san === undefined))) {
    throw invalid('a certificate is known by one of subject and san')
  }
  if (resolved.certificates.length > 0 && resolved.tls?.mtls !== true) throw invalid('certificates need tls.mtls')
  return resolved
}

function checkWhole(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) throw invalid(`${name} is a whole number from 1 to ${most}`)
}

function invalid(message: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', message)
}
