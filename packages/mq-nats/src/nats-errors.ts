import { isCertificateAlert } from '@frontier/mq'
import { FrontierError, isFrontierError, type FrontierErrorCode } from '@frontier/wire'
import { ErrorCode, NatsError, type ApiError } from 'nats'

const codes: Readonly<Record<string, FrontierErrorCode>> = {
  [ErrorCode.AuthorizationViolation]: 'UNAUTHENTICATED',
  [ErrorCode.AuthenticationExpired]: 'UNAUTHENTICATED',
  [ErrorCode.AuthenticationTimeout]: 'UNAUTHENTICATED',
  [ErrorCode.AccountExpired]: 'UNAUTHENTICATED',
  [ErrorCode.BadAuthentication]: 'UNAUTHENTICATED',
  [ErrorCode.BadCreds]: 'UNAUTHENTICATED',
  [ErrorCode.PermissionsViolation]: 'PERMISSION_DENIED',
  [ErrorCode.MaxPayloadExceeded]: 'PAYLOAD_TOO_LARGE',
  [ErrorCode.ServerOptionNotAvailable]: 'INVALID_ARGUMENT',
}

/** JetStream's own numbers. */
const MESSAGE_TOO_LARGE = 10_054
const STREAM_NOT_FOUND = 10_059
/** The stream is full, and refuses what is new. */
const STORE_FAILED = 10_077

/** `error` for an edge or an operator. Whatever is not known to be more than that is BRIDGE_UNAVAILABLE. */
export function natsError(error: unknown, about?: string): FrontierError {
  if (isFrontierError(error)) return error
  const reason = error instanceof Error ? error.message : String(error)
  const api = error instanceof NatsError ? error.api_error : undefined
  const code = api === undefined ? codeOf(error) : (apiErrorCode(api) ?? 'BRIDGE_UNAVAILABLE')
  return new FrontierError(code, `nats: ${about === undefined ? '' : `${about}: `}${reason}`, { cause: error })
}

/** What an error of JetStream is to whoever asked; undefined = it may pass. */
export function apiErrorCode({ code, err_code: number }: ApiError): FrontierErrorCode | undefined {
  if (number === MESSAGE_TOO_LARGE) return 'PAYLOAD_TOO_LARGE'
  if (number === STREAM_NOT_FOUND || code === 404) return 'RECORD_NOT_FOUND'
  if (number === STORE_FAILED) return 'BUFFER_FULL'
  return code >= 400 && code < 429 ? 'INVALID_ARGUMENT' : undefined
}

function codeOf(error: unknown): FrontierErrorCode {
  const { code } = (error instanceof Error ? error : {}) as { code?: unknown }
  if (typeof code !== 'string') return 'BRIDGE_UNAVAILABLE'
  if (isCertificateAlert(code)) return 'UNAUTHENTICATED'
  // Text where TLS was to begin: the server does not have `handshake_first`.
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'INVALID_ARGUMENT'
  return (error instanceof NatsError ? codes[code] : undefined) ?? 'BRIDGE_UNAVAILABLE'
}
