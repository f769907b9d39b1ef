import type { TLSSocket } from 'node:tls'

import type { RefusalReason } from './options.js'
import { isCertificateError, systemCode } from './system-error.js'

/** OpenSSL's words for bytes that are no TLS. */
const plainCodes = new Set([
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_UNSUPPORTED_PROTOCOL_VERSION',
  'ERR_SSL_RECORD_LAYER_FAILURE',
])

/** Why a TLS handshake failed, in the words of a listener; undefined when the peer just went away, as probes do. */
export function tlsRefusalReason(error: Error, socket: TLSSocket): RefusalReason | undefined {
  const code = systemCode(error)
  // Node closes a client whose certificate it does not accept without a reason in the error. Before verification it is null.
  const verdict: unknown = socket.authorizationError
  if (verdict !== undefined && verdict !== null) return 'bad-certificate'
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'silence'
  if (plainCodes.has(code)) return 'plain-on-tls'
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE' || isCertificateError(error)) return 'bad-certificate'
  return 'tls-failed'
}
