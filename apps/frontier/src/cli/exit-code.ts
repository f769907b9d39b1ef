import type { FrontierErrorCode } from '@frontier/wire'

/** What the program ends with, and what it means. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  unreachable: 5,
  timeout: 6,
} as const

/** What each exit code means: docs/cli.md and every help tell it. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  failed: 'any other failure',
  usage: 'the command line, a file or a context it names, or an argument is not valid',
  notFound: 'no such edge, service, method, topic or ban; of frontier context, no such context',
  refused: 'not authenticated, not permitted, or refused by the gateway or the edge',
  unreachable: 'no gateway could be reached, or it went away',
  timeout: 'no answer in time',
}

/** The exit code of each code of docs/errors.md. */
export const exitCodeOf: Readonly<Record<FrontierErrorCode, number>> = {
  EDGE_NOT_ONLINE: exitCodes.notFound,
  SERVICE_NOT_ONLINE: exitCodes.notFound,
  RPC_NOT_ONLINE: exitCodes.notFound,
  TOPIC_NOT_ONLINE: exitCodes.notFound,
  RECORD_NOT_FOUND: exitCodes.notFound,
  ILLEGAL_EDGE_ID: exitCodes.refused,
  BUFFER_FULL: exitCodes.refused,
  PAYLOAD_TOO_LARGE: exitCodes.refused,
  STREAM_RESET: exitCodes.refused,
  STREAM_REFUSED: exitCodes.refused,
  REMOTE_ERROR: exitCodes.refused,
  UNAUTHENTICATED: exitCodes.refused,
  PERMISSION_DENIED: exitCodes.refused,
  RATE_LIMITED: exitCodes.refused,
  SLOW_CONSUMER: exitCodes.refused,
  REPLACED: exitCodes.refused,
  KICKED: exitCodes.refused,
  DRAINING: exitCodes.refused,
  EOF: exitCodes.unreachable,
  BRIDGE_UNAVAILABLE: exitCodes.unreachable,
  UNAVAILABLE: exitCodes.unreachable,
  TIMEOUT: exitCodes.timeout,
  INVALID_ARGUMENT: exitCodes.usage,
  CANCELLED: exitCodes.failed,
  PROTOCOL_ERROR: exitCodes.failed,
}
