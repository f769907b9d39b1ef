import { Code, type ConnectError } from '@connectrpc/connect'
import { ErrorInfoSchema } from '@frontier/controlplane/api'
import { FrontierError, isErrorCode, type FrontierErrorCode } from '@frontier/wire'

const codeOfStatus: Partial<Record<Code, FrontierErrorCode>> = {
  [Code.Canceled]: 'CANCELLED',
  [Code.InvalidArgument]: 'INVALID_ARGUMENT',
  [Code.DeadlineExceeded]: 'TIMEOUT',
  [Code.NotFound]: 'RECORD_NOT_FOUND',
  [Code.PermissionDenied]: 'PERMISSION_DENIED',
  // The gateway's own refusals bring their code: this is the limit of a message's size.
  [Code.ResourceExhausted]: 'PAYLOAD_TOO_LARGE',
  [Code.Unauthenticated]: 'UNAUTHENTICATED',
  [Code.Unavailable]: 'UNAVAILABLE',
}

const closed = 'the connection was closed; is that the port of the control plane, and is it an https:// address?'

const networkErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there; is the gateway up, with controlplane.enable: true?',
  ECONNRESET: closed,
  // Which of the two it is depends on who was faster.
  EPIPE: closed,
  ENOENT: 'there is no such socket file; is the gateway up?',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'the host does not answer',
  EPROTO: 'that port speaks no TLS, or another version; is it an http:// address?',
  HPE_INVALID_CONSTANT: 'what answers there is no HTTP; is that the port of the control plane?',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted; name its CA with --ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted; name its CA with --ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted; name its CA with --ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted; name its CA with --ca',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  CERT_HAS_EXPIRED: 'its certificate has expired',
}

/** What the control plane, or the way to it, said, as the error it was at the gateway. `url` is where it was asked. */
export function connectFailure(error: ConnectError, url: string): FrontierError {
  const [info] = error.findDetails(ErrorInfoSchema)
  if (info !== undefined && isErrorCode(info.reason)) {
    const origin = info.metadata['origin'] === 'peer' ? 'peer' : 'gateway'
    return new FrontierError(info.reason, error.rawMessage, { origin, cause: error })
  }
  const network = networkCode(error.cause)
  if (network !== undefined) return new FrontierError('UNAVAILABLE', `cannot reach ${url}: ${networkErrors[network] ?? network}`, { cause: error })
  if (error.code === Code.Unimplemented) {
    return new FrontierError('PROTOCOL_ERROR', `what answers at ${url} is not the control plane of this gateway, or of an older one`, { cause: error })
  }
  const code = codeOfStatus[error.code]
  if (code === 'TIMEOUT') return new FrontierError('TIMEOUT', `no answer from ${url} in time`, { cause: error })
  if (code === 'UNAVAILABLE') return new FrontierError('UNAVAILABLE', `cannot reach ${url}: ${error.rawMessage}`, { cause: error })
  return new FrontierError(code ?? 'PROTOCOL_ERROR', `${url} answered: ${error.rawMessage}`, { cause: error })
}

/** The code of the system, of TLS or of the HTTP parser, wherever below it is. */
function networkCode(cause: unknown): string | undefined {
  for (let error = cause, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++) {
    const found = (error as NodeJS.ErrnoException).code
    if (typeof found === 'string' && !found.startsWith('ERR_HTTP')) return found
    const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : []
    if (first instanceof Error) return networkCode(first)
  }
  return undefined
}
