import type { Id } from '@frontier/geminio'

/** An edge that wants in. */
export interface NewEdge {
  /** What the edge presented. */
  readonly meta: Uint8Array
  /** Where it comes from, such as '10.0.0.7:51000'. */
  readonly address: string
  /** The id it asked for. */
  readonly wantedId?: bigint
  readonly labels: Record<string, string>
  /** Who it is, from its token or certificate. */
  readonly identity?: { subject?: string; san?: string[] }
}

/** An edge that came or went. */
export interface EdgeInfo extends NewEdge {
  readonly edgeId: bigint
  /** Grows with every link of the same edge: unix microseconds. */
  readonly generation: number
  readonly at: Date
}

/** Gives an edge its id; a throw refuses it. */
export type GetEdgeIdHandler = (edge: NewEdge) => Id | Promise<Id>
/** Hears of an edge that comes: a throw refuses it, and it can be called once this has returned. */
export type EdgeOnlineHandler = (edge: EdgeInfo) => void | Promise<void>
/** Hears of an edge that went. */
export type EdgeOfflineHandler = (edge: EdgeInfo) => void | Promise<void>

/** Hooks that hold from the first moment on: they ride in the hello. */
export interface Hooks {
  getEdgeId?: GetEdgeIdHandler | undefined
  edgeOnline?: EdgeOnlineHandler | undefined
  edgeOffline?: EdgeOfflineHandler | undefined
  /** Who is online already comes first, as online events. Default false. */
  snapshot?: boolean | undefined
}
