import { Code, ConnectError } from '@connectrpc/connect'
import { type FrontierError, isFrontierError } from '@frontier/wire'

import { ErrorInfoSchema } from './gen/google/rpc/error_details_pb.js'
import { statusTable, type Status } from './status-table.js'

/** Whose codes the reasons in error details are. */
export const ERROR_DOMAIN = 'frontier'

/** A call that failed, in the words that all protocols tell of it. */
export interface Failure {
  readonly status: Status
  /** The code of docs/errors.md; UNKNOWN for a fault of the control plane itself. */
  readonly reason: string
  readonly message: string
  readonly metadata: Readonly<Record<string, string>>
}

/** What to tell of `thrown`. Of faults, which are no FrontierError, nothing is told: `isFault` says that they are to be logged. */
export function failureOf(thrown: unknown): Failure & { isFault: boolean } {
  if (!isFrontierError(thrown)) {
    return { status: { grpc: Code.Internal, http: 500 }, reason: 'UNKNOWN', message: 'unknown request error', metadata: {}, isFault: true }
  }
  return { status: statusTable[thrown.code], reason: thrown.code, message: thrown.reason, metadata: metadataOf(thrown), isFault: false }
}

/** The error that gRPC, gRPC-Web and Connect send for `failure`, with the reason in its details. */
export function connectErrorOf({ status, reason, message, metadata }: Failure): ConnectError {
  const info = { desc: ErrorInfoSchema, value: { reason, domain: ERROR_DOMAIN, metadata } }
  return new ConnectError(message, status.grpc, undefined, [info])
}

function metadataOf({ origin, delivered, retryable }: FrontierError): Record<string, string> {
  // A local error of this process is the gateway's to those who ask it from outside.
  return { origin: origin === 'local' ? 'gateway' : origin, delivered, retryable: String(retryable) }
}
