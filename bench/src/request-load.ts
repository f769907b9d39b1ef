import { ECHO } from './load.js'

/** CALL with its ANSWER, or MESSAGE with its ACK. */
export type RequestKind = 'call' | 'message'

/** Who asks whom. */
export type Direction = 'edge-to-service' | 'service-to-edge'

/** What the ends of a case are connected as. */
export interface RequestSetup {
  readonly kind: RequestKind
  readonly direction: Direction
  readonly edges: number
  /** How many methods or topics the responder registers; requests take them in turn. */
  readonly names: number
}

/** What one end of the requests is to connect to, and as what. */
export interface EndTarget {
  readonly port: number
  readonly role: 'edge' | 'service'
  /** How many edges; 1 for a service. */
  readonly links: number
  readonly kind: RequestKind
  readonly names: number
  /** A relay without a handshake. */
  readonly bare: boolean
  /** The authority to trust, in PEM: TLS. */
  readonly ca?: string | undefined
}

/** The same for the end that asks. */
export interface RequesterTarget extends EndTarget {
  /** Ids of the edges that a service asks, in turn. */
  readonly toEdges: readonly string[]
}

/** One round, as it is asked of a requester. */
export interface RequestLoad {
  /** Bytes of payload; of a call, there and back. */
  readonly size: number
  /** Unanswered requests, spread over all edges evenly. Fewer than edges: they go round. */
  readonly inFlight: number
  readonly durationMs: number
}

/** What a round has come to. */
export interface RequestOutcome {
  readonly requests: number
  /** From the first request to the last answer. */
  readonly seconds: number
  readonly p50Us: number
  readonly p99Us: number
}

/** The methods or topics of a setup. */
export function requestNames(count: number): string[] {
  return count === 1 ? [ECHO] : Array.from({ length: count }, (_, index) => `${ECHO}-${index}`)
}

/** Messages that some edges are sent beside. */
export interface FloodLoad {
  readonly toEdges: readonly string[]
  readonly size: number
  /** Over all of them. */
  readonly perSecond: number
}

/** Messages of edges into their topic, beyond what may wait. */
export interface TopicFloodLoad {
  readonly size: number
  /** Of all edges together. */
  readonly perSecond: number
}

/** What has become of a flood. */
export interface Flooded {
  readonly sent: number
  readonly refused: number
  readonly acknowledged: number
}
