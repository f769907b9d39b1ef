import { encodeRawFrame, FrameType, writeU32 } from '@frontier/wire'

/** A PROGRESS frame: `receivedBytes` of the fragmented body of request `id` are here. Flag REPLY when it is about the answer. */
export function encodeProgress(id: number, flags: number, receivedBytes: number): Uint8Array {
  const body = new Uint8Array(4)
  writeU32(body, 0, receivedBytes)
  return encodeRawFrame({ type: FrameType.PROGRESS, flags, id, body })
}
