import type { PeerIdentity } from '@frontier/transport'
import { toBytes } from '@frontier/wire'

/** An edge as services are told of it. A peer is one, and so is an edge that is not in yet. */
export interface EdgeFacts {
  readonly id: bigint
  readonly meta: Uint8Array
  readonly labels: Readonly<Record<string, string>>
  /** Remote address. */
  readonly address: string
  readonly identity?: PeerIdentity | undefined
  readonly wantedId?: bigint | undefined
  /** Microseconds; grows with every welcome of one id. */
  readonly generation: number
  /** Unix milliseconds of the welcome. */
  readonly at: number
}

/** What `get_edge_id` is asked with: the edge has no id yet. */
export type NewEdgeFacts = Omit<EdgeFacts, 'id' | 'generation' | 'at'>

/** The payload of `get_edge_id` (docs/protocol.md, section 4). */
export function encodeNewEdge(edge: NewEdgeFacts): Uint8Array {
  return toBytes(JSON.stringify(newEdgeFields(edge)))
}

/** The payload of `edge_online` and `edge_offline` (docs/protocol.md, section 4). */
export function encodeEdgeInfo(edge: EdgeFacts): Uint8Array {
  const { id, generation, at } = edge
  return toBytes(JSON.stringify({ ...newEdgeFields(edge), edgeId: id.toString(), generation: generation.toString(), at }))
}

function newEdgeFields(edge: NewEdgeFacts): Record<string, unknown> {
  const { address, wantedId, labels, identity } = edge
  return { address, wantedId: wantedId?.toString(), labels, identity }
}
