import { encodeFrame, FrameType, PROTOCOL_VERSION, toBytes } from '@frontier/wire'

/** What a peer is told when it is let in (docs/protocol.md, section 3). */
export interface Welcome {
  id: bigint
  generation: number
  /** The token by which it can prove later that it is the same. */
  resume: string
  /** Whether the token it presented was taken. */
  isResumed: boolean
  pingIntervalMs: number
  maxFrameBytes: number
  maxPayloadBytes: number
  maxInFlight: number
  /** Start id of the gateway process. */
  gateway: string
}

/** The WELCOME frame. */
export function encodeWelcome(welcome: Welcome): Uint8Array {
  const { id, generation, isResumed, ...fields } = welcome
  const data = toBytes(JSON.stringify({ generation: generation.toString(), resumed: isResumed, ...fields }))
  return encodeFrame({ type: FrameType.WELCOME, id: PROTOCOL_VERSION, peer: id, data })
}
