import { isCertificateAlert } from '@frontier/mq'
import { isFrontierError, toFrontierError, type FrontierError, type FrontierErrorCode } from '@frontier/wire'

/** What a failed send means for the messages of it. */
export type Verdict =
  /** It may pass: the same again, later. */
  | 'again'
  /** One of them is the reason: find it. None of them is in the log. */
  | 'split'
  /** None of them will ever do. */
  | 'refuse'
  /** The topic may be missing. */
  | 'topic'
  /** The sequence numbers of this producer are of no use any more. */
  | 'fenced'
  /** They are in the log. */
  | 'stored'

const verdicts: Readonly<Record<string, Verdict>> = {
  MESSAGE_TOO_LARGE: 'split',
  RECORD_LIST_TOO_LARGE: 'split',
  INVALID_RECORD: 'split',
  INVALID_TIMESTAMP: 'split',
  UNKNOWN_TOPIC_OR_PARTITION: 'topic',
  INVALID_TOPIC_EXCEPTION: 'refuse',
  TOPIC_AUTHORIZATION_FAILED: 'refuse',
  CLUSTER_AUTHORIZATION_FAILED: 'refuse',
  POLICY_VIOLATION: 'refuse',
  INVALID_REQUIRED_ACKS: 'refuse',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'refuse',
  UNSUPPORTED_COMPRESSION_TYPE: 'refuse',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'fenced',
  UNKNOWN_PRODUCER_ID: 'fenced',
  INVALID_PRODUCER_EPOCH: 'fenced',
  INVALID_PRODUCER_ID_MAPPING: 'fenced',
  PRODUCER_FENCED: 'fenced',
  DUPLICATE_SEQUENCE_NUMBER: 'stored',
}

const codes: Readonly<Record<string, FrontierErrorCode>> = {
  MESSAGE_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  UNKNOWN_TOPIC_OR_PARTITION: 'RECORD_NOT_FOUND',
  INVALID_TOPIC_EXCEPTION: 'INVALID_ARGUMENT',
  INVALID_RECORD: 'INVALID_ARGUMENT',
  INVALID_TIMESTAMP: 'INVALID_ARGUMENT',
  POLICY_VIOLATION: 'INVALID_ARGUMENT',
  INVALID_REQUIRED_ACKS: 'INVALID_ARGUMENT',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'INVALID_ARGUMENT',
  UNSUPPORTED_COMPRESSION_TYPE: 'INVALID_ARGUMENT',
  INVALID_REPLICATION_FACTOR: 'INVALID_ARGUMENT',
  INVALID_PARTITIONS: 'INVALID_ARGUMENT',
  INVALID_CONFIG: 'INVALID_ARGUMENT',
  INVALID_GROUP_ID: 'INVALID_ARGUMENT',
  INVALID_SESSION_TIMEOUT: 'INVALID_ARGUMENT',
  TOPIC_AUTHORIZATION_FAILED: 'PERMISSION_DENIED',
  GROUP_AUTHORIZATION_FAILED: 'PERMISSION_DENIED',
  CLUSTER_AUTHORIZATION_FAILED: 'PERMISSION_DENIED',
  SASL_AUTHENTICATION_FAILED: 'UNAUTHENTICATED',
  ILLEGAL_SASL_STATE: 'UNAUTHENTICATED',
  UNSUPPORTED_SASL_MECHANISM: 'INVALID_ARGUMENT',
  KafkaJSSASLAuthenticationError: 'UNAUTHENTICATED',
  KafkaJSNotImplemented: 'INVALID_ARGUMENT',
}

/** Kafka's own name of what went wrong, `UNKNOWN_TOPIC_OR_PARTITION` and the like, else the name of kafkajs's error; undefined for what neither made. */
export function kafkaErrorType(error: unknown): string | undefined {
  let found: string | undefined
  // kafkajs wraps: after its last try the error is KafkaJSNumberOfRetriesExceeded, one that it does not repeat KafkaJSNonRetriableError.
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const { type, errors } = at as { type?: unknown; errors?: unknown }
    if (typeof type === 'string') return type
    if (at.name.startsWith('KafkaJS')) found = at.name
    if (Array.isArray(errors)) return kafkaErrorType(errors[0])
  }
  return found
}

/** What `error` of a send means. */
export function verdictOn(error: unknown): Verdict {
  return verdicts[kafkaErrorType(error) ?? ''] ?? 'again'
}

/** `error` for an edge or an operator. Whatever is not known to be more than that is BRIDGE_UNAVAILABLE. */
export function kafkaError(error: unknown, details: { delivered?: 'maybe'; about?: string } = {}): FrontierError {
  if (isFrontierError(error)) return error
  const { about, ...known } = details
  const code = codes[kafkaErrorType(error) ?? ''] ?? (isOurCertificate(error) ? 'UNAUTHENTICATED' : 'BRIDGE_UNAVAILABLE')
  return toFrontierError(new Error(`kafka: ${about === undefined ? '' : `${about}: `}${textOf(error)}`, { cause: error }), code, known)
}

function isOurCertificate(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (isCertificateAlert(String((at as { code?: unknown }).code))) return true
  return false
}

/** The innermost text: the outer ones repeat it. */
function textOf(error: unknown): string {
  let at = error
  while (at instanceof Error && at.cause instanceof Error) at = at.cause
  return at instanceof Error ? at.message : String(at)
}
