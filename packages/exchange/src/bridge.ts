import type { EdgeAnswer, EdgeRequest } from './edge-requests.js'

/** The edge that a message comes from, as it was when the message came. */
export interface BridgeEdge {
  readonly edgeId: bigint
  /** What it presented when it came. */
  readonly meta: Uint8Array
  readonly labels: Readonly<Record<string, string>>
  /** ip:port */
  readonly address: string
}

/** A message of an edge on its way out of the gateway. Its bytes are the bridge's for ever. */
export interface BridgeMessage {
  readonly topic: string
  readonly edge: BridgeEdge
  readonly meta: Uint8Array
  readonly data: Uint8Array
  /** On the clock of performance.now(): by then the edge has to have its answer. Infinity = it waits for ever. */
  readonly deadline: number
  /** The edge gave up, or went: nobody waits for the answer. */
  readonly isAbandoned: boolean
  /** It was published at most once: nobody ever waits for the answer. */
  readonly isUnacked: boolean
}

/** A message that its bridge settles by itself. One of the two is called, once and at any time; later calls are ignored. */
export interface PendingBridgeMessage extends BridgeMessage {
  /** The other side has it. */
  done(): void
  /** It has not: what a rejection of `publish` does. */
  fail(error: unknown): void
}

/** What a bridge can do to edges. */
export interface BridgeGateway {
  /** Whether an edge has a link here. */
  isOnline(edgeId: bigint): boolean
  /** Ids of the edges that have all of `labels`, with these values; who comes and goes meanwhile may be missing. */
  edgesWith(labels: Readonly<Record<string, string>>): bigint[]
  /** Publishes to an edge; resolves when the edge is done with the message. Rejects as `Exchange.publishToEdge`. */
  publish(edgeId: bigint, topic: string, request: EdgeRequest): Promise<void>
  /** Calls a method of an edge. Rejects as `Exchange.callEdge`. */
  call(edgeId: bigint, method: string, request: EdgeRequest): Promise<EdgeAnswer>
}

/** How a bridge is. */
export type BridgeState = 'connecting' | 'online' | 'offline' | 'closed'

/** What a bridge has done since it began, and how it is now. */
export interface BridgeStatus {
  readonly state: BridgeState
  /** Messages that the other side has. */
  readonly published: number
  /** Messages that an edge was told an error of. */
  readonly refused: number
  /** Messages that are neither yet. */
  readonly waiting: number
  readonly waitingBytes: number
  /** Messages that came from the other side and an edge was done with, and those given up: to the dead letters, where there are such. */
  readonly delivered: number
  readonly deadLettered: number
  /** Connections after the first. */
  readonly reconnects: number
  /** What last went wrong. */
  readonly lastError?: { readonly code: string; readonly reason: string; /** Unix milliseconds. */ readonly at: number }
}

/** Takes messages of edges out of the gateway: into a message broker, or wherever its author likes. */
export interface Bridge {
  /** One of its own in each gateway; it also decides which share of the edges the bridge gets where others take the same topic. */
  readonly name: string
  /** What it takes: names, patterns (`sensors.>`, `sensors.*.temp`), and `*` for what nobody else takes. */
  readonly topics: readonly string[]
  /** What may wait in it at once, in messages (65,536) and in bytes (64 MiB); more is answered BUFFER_FULL. A message counts for its bytes and 1 KiB. One edge has an eighth of both, or one message. */
  readonly limits?: { readonly maxWaiting?: number | undefined; readonly maxWaitingBytes?: number | undefined }
  /** Called once, before the first message. A throw, or a rejection, is that of `Exchange.addBridge`. */
  start?(gateway: BridgeGateway): void | Promise<void>
  /**
   * Takes a message; its edge has its acknowledgement once this resolves. A rejection goes to the edge, with its code when it is a FrontierError, else as
   * BRIDGE_UNAVAILABLE. Messages of one edge come in the order in which they were published.
   */
  publish(message: BridgeMessage): void | Promise<void>
  /**
   * Called instead of `publish` where it is there: for many messages that wait, since a message that is settled by its own methods needs no promises
   * (docs/performance.md). A throw fails the message.
   */
  take?(message: PendingBridgeMessage): void
  /** How it is; without it the gateway's own counts are all that is known. */
  status?(): Partial<BridgeStatus>
  /** Sends what was published, and lets go of everything. Called once; no message comes after it. */
  close?(): void | Promise<void>
}
