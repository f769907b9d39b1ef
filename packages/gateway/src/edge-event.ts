import type { Peer } from '@frontier/exchange'
import type { FrontierError } from '@frontier/wire'
import type { EdgeFacts } from './edge-facts.js'

/** One service name and the service of that name that was told, or may have been told, that an edge is online. */
export interface Told {
  readonly name: string
  /** undefined = nobody of that name was told, or who was told refused. */
  serviceId: bigint | undefined
}

/** How the telling of one event ended. */
export type EventOutcome =
  /** A service took it. */
  | { kind: 'taken' }
  /** A service was asked and said no. */
  | { kind: 'refused'; error: FrontierError }
  /** No answer, or no way to the service; `told.serviceId` says whether it may have got it. */
  | { kind: 'failed'; error: FrontierError }
  /** There was no service to tell; one that went without an answer may have got it. */
  | { kind: 'nobody' }
  /** Nobody wanted it any more when its turn came. */
  | { kind: 'skipped' }

/** Something that one service of one name is told of an edge. */
export interface EdgeEvent {
  readonly hook: 'edge_online' | 'edge_offline'
  readonly edge: EdgeFacts
  /** Online events note here whom they told; offline events prefer that service. */
  readonly told: Told
  /** Only this service will do. */
  readonly only?: Peer
  readonly timeoutMs: number
  /** Its turn has come; false = it is no longer wanted. */
  begin(): boolean
  onSettled(outcome: EventOutcome): void
}
