/** One round of calls, as it is asked of a caller. */
export interface CallLoad {
  /** Calls in flight on each of the links. */
  readonly inFlight: number
  readonly durationMs: number
}

/** What a round of calls has come to. */
export interface CallOutcome {
  readonly calls: number
  /** From the first call to the last answer. */
  readonly seconds: number
  readonly p50Us: number
  readonly p99Us: number
}

/** What a caller is to connect to. */
export interface CallerTarget {
  readonly port: number
  readonly edges: number
  /** Bytes of payload, there and back. */
  readonly size: number
  /** A relay without a handshake. */
  readonly bare: boolean
}

/** The method that everybody calls. */
export const ECHO = 'echo'

/** One stream to be sent. */
export interface StreamLoad {
  readonly port: number
  readonly bytes: number
  /** How much is written at once. */
  readonly chunkBytes: number
}
