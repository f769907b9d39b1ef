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
  /** From a service: the edge at the other end. */
  readonly edgeId?: string | undefined
  readonly bytes: number
  /** How much is written at once. */
  readonly chunkBytes: number
}

/** What an end of streams connects to, and as what. */
export interface StreamEndTarget {
  readonly port: number
  readonly as: 'edge' | 'service'
  /** How many edges there are. */
  readonly edges: number
}

/** Streams that are written without end. */
export interface Poured {
  /** Spread over the edges. */
  readonly streams: number
  readonly chunkBytes: number
  /** At a service: the edge that they go to. */
  readonly edgeId?: string | undefined
}

/** What came within a time. */
export interface Taken {
  /** Of each stream. */
  readonly bytes: readonly number[]
  readonly seconds: number
}
