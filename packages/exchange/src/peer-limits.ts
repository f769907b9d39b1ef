/** What one peer may take up of the gateway. */
export interface PeerLimits {
  /** Bytes queued toward the peer above which new requests toward it are answered BUFFER_FULL. */
  markBytes: number
  /** Bytes queued toward the peer above which it is closed with SLOW_CONSUMER. */
  hardMarkBytes: number
  /** How long the peer may stay above its mark, in milliseconds, before it is closed with SLOW_CONSUMER. */
  slowAfterMs: number
  /** Unanswered requests toward the peer; one source holds at most an eighth of these places. */
  maxOwed: number
  /** Unanswered requests of the peer. */
  maxAsked: number
  /** Streams of the peer's link, those that are being opened included. */
  maxStreams: number
  /** Stream data queued toward the peer, in bytes; a stream that would exceed it is reset. */
  maxStreamQueueBytes: number
  /** Methods and topics the peer may register. */
  maxNames: number
}

/** Limits of an edge unless the configuration says otherwise. */
export const DEFAULT_EDGE_LIMITS: PeerLimits = {
  markBytes: 1_048_576,
  hardMarkBytes: 16_777_216,
  slowAfterMs: 60_000,
  maxOwed: 8192,
  maxAsked: 8192,
  maxStreams: 4096,
  maxStreamQueueBytes: 67_108_864,
  maxNames: 1024,
}

/** Limits of a service unless the configuration says otherwise. */
export const DEFAULT_SERVICE_LIMITS: PeerLimits = {
  markBytes: 8_388_608,
  hardMarkBytes: 67_108_864,
  slowAfterMs: 60_000,
  maxOwed: 65_536,
  maxAsked: 131_072,
  maxStreams: 65_536,
  maxStreamQueueBytes: 268_435_456,
  maxNames: 65_536,
}
