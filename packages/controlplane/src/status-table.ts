import { Code } from '@connectrpc/connect'
import type { FrontierErrorCode } from '@frontier/wire'

/** What a code is over gRPC, gRPC-Web and Connect, and over REST. */
export interface Status {
  readonly grpc: Code
  readonly http: number
}

/** The status of each code: docs/errors.md, and a test, hold it. */
export const statusTable: Readonly<Record<FrontierErrorCode, Status>> = {
  EDGE_NOT_ONLINE: { grpc: Code.NotFound, http: 404 },
  SERVICE_NOT_ONLINE: { grpc: Code.NotFound, http: 404 },
  RPC_NOT_ONLINE: { grpc: Code.NotFound, http: 404 },
  TOPIC_NOT_ONLINE: { grpc: Code.NotFound, http: 404 },
  ILLEGAL_EDGE_ID: { grpc: Code.InvalidArgument, http: 400 },
  RECORD_NOT_FOUND: { grpc: Code.NotFound, http: 404 },
  TIMEOUT: { grpc: Code.DeadlineExceeded, http: 504 },
  BUFFER_FULL: { grpc: Code.ResourceExhausted, http: 429 },
  EOF: { grpc: Code.Unavailable, http: 502 },
  CANCELLED: { grpc: Code.Canceled, http: 499 },
  PAYLOAD_TOO_LARGE: { grpc: Code.ResourceExhausted, http: 413 },
  STREAM_RESET: { grpc: Code.Aborted, http: 502 },
  STREAM_REFUSED: { grpc: Code.FailedPrecondition, http: 409 },
  REMOTE_ERROR: { grpc: Code.Unknown, http: 502 },
  UNAUTHENTICATED: { grpc: Code.Unauthenticated, http: 401 },
  PERMISSION_DENIED: { grpc: Code.PermissionDenied, http: 403 },
  RATE_LIMITED: { grpc: Code.ResourceExhausted, http: 429 },
  SLOW_CONSUMER: { grpc: Code.Unavailable, http: 502 },
  REPLACED: { grpc: Code.Aborted, http: 409 },
  KICKED: { grpc: Code.Aborted, http: 409 },
  DRAINING: { grpc: Code.Unavailable, http: 503 },
  BRIDGE_UNAVAILABLE: { grpc: Code.Unavailable, http: 503 },
  PROTOCOL_ERROR: { grpc: Code.Internal, http: 502 },
  INVALID_ARGUMENT: { grpc: Code.InvalidArgument, http: 400 },
  UNAVAILABLE: { grpc: Code.Unavailable, http: 503 },
}
