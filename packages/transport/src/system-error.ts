import { FrontierError } from '@frontier/wire'

/** What the codes of the system mean to whoever reads the message. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ECONNABORTED: 'the connection was aborted',
  ECONNREFUSED: 'connection refused: nothing listens there',
  ECONNRESET: 'the peer reset the connection',
  EHOSTUNREACH: 'the host cannot be reached',
  EMFILE: 'this process has too many files open',
  ENETUNREACH: 'the network cannot be reached',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up now',
  EPERM: 'permission denied',
  EPIPE: 'the peer has closed the connection',
  ETIMEDOUT: 'the peer did not answer in time',
}

/** Codes with which Node and OpenSSL say that they do not accept a certificate. */
const certificateCode = /CERT|_ISSUER|UNABLE_TO_|SIGNATURE|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH/

function property(error: unknown, key: 'code' | 'message' | 'errors'): unknown {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[key] : undefined
}

/** The system's code of an error, such as ECONNREFUSED; empty when it has none. */
export function systemCode(error: unknown): string {
  const code = property(error, 'code')
  return typeof code === 'string' ? code : ''
}

/** Whether an error says that the other side's certificate is not accepted. */
export function isCertificateError(error: unknown): boolean {
  const code = systemCode(error)
  return !code.startsWith('ERR_SSL_') && certificateCode.test(code)
}

/** An error of the system in plain words, with its code. */
export function describeSystemError(error: unknown): string {
  const code = systemCode(error)
  const known = reasons[code]
  if (known !== undefined) return `${known} (${code})`
  // The error of a dial that tried several addresses has no text of its own.
  const errors = property(error, 'errors')
  const text = property(error, 'message') || (Array.isArray(errors) ? property(errors[0], 'message') : undefined)
  const words = typeof text === 'string' && text !== '' ? text : String(error)
  return code === '' || words.includes(code) ? words : `${words} (${code})`
}

/** What a pipe ends with when its connection broke. */
export function brokenPipe(cause: unknown): FrontierError {
  return new FrontierError('EOF', `the connection broke: ${describeSystemError(cause)}`, { cause })
}

/** What a dial fails with. */
export function dialFailed(address: string, cause: unknown): FrontierError {
  const reason = isCertificateError(cause)
    ? `its certificate is not accepted: ${describeSystemError(cause)}`
    : describeSystemError(cause)
  return new FrontierError('UNAVAILABLE', `cannot connect to ${address}: ${reason}`, { cause })
}
