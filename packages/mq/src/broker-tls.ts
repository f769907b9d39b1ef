import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { FrontierError } from '@frontier/wire'

// OpenSSL 3.0 begins their names with ERR_SSL_SSLV3, TLS 1.3 with ERR_SSL_TLSV13, OpenSSL 3.5 with ERR_SSL_SSL/TLS.
const CERTIFICATE_ALERT = /^ERR_SSL_[\w/]+_ALERT_(CERTIFICATE_\w+|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA)$/

/** Whether an error of the code `code` says that the other side of TLS does not take our certificate. */
export function isCertificateAlert(code: string): boolean {
  return CERTIFICATE_ALERT.test(code)
}

/** Checks PEM when a bridge is made: what Node cannot read would look like a broker that is away. @throws INVALID_ARGUMENT */
export function checkBrokerTls(kind: string, tls: SecureContextOptions | undefined): void {
  try {
    createSecureContext(tls)
  } catch (cause) {
    throw new FrontierError('INVALID_ARGUMENT', `${kind}: tls cannot be read: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}
