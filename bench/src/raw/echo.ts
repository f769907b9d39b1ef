import { FrameType, HEADER_BYTES } from '@frontier/wire'

import type { RequestKind } from '../request-load.js'
import type { RawLink, RawSink } from './raw-link.js'

const EMPTY_KEY_AND_META = 6
const LENGTH_AT = 4

/**
 * Answers a CALL with its own payload, without key and meta, or a MESSAGE with an ACK: the same bytes whether a relay or a gateway asks. From a bare
 * relay every frame is a request, also one whose type is lost.
 */
export function echo(kind: RequestKind, isBare: boolean): RawSink {
  const type = kind === 'call' ? FrameType.CALL : FrameType.MESSAGE
  const answer = kind === 'call' ? answerCall : acknowledge
  return {
    onFrame(link, bytes, start, end) {
      if (isBare || bytes[start + 1] === type) answer(link, bytes, start, end)
    },
  }
}

function answerCall(link: RawLink, bytes: Buffer, start: number, end: number): void {
  const keyLength = bytes.readUInt16BE(start + HEADER_BYTES)
  const metaAt = start + HEADER_BYTES + 2 + keyLength
  const payloadAt = metaAt + 4 + bytes.readUInt32BE(metaAt)
  const at = link.reserve(HEADER_BYTES + EMPTY_KEY_AND_META + end - payloadAt)
  const { out } = link
  bytes.copy(out, at, start, start + HEADER_BYTES)
  out[at + 1] = FrameType.ANSWER
  out.writeUInt32BE(EMPTY_KEY_AND_META + end - payloadAt, at + LENGTH_AT)
  out.fill(0, at + HEADER_BYTES, at + HEADER_BYTES + EMPTY_KEY_AND_META)
  bytes.copy(out, at + HEADER_BYTES + EMPTY_KEY_AND_META, payloadAt, end)
}

function acknowledge(link: RawLink, bytes: Buffer, start: number): void {
  const at = link.reserve(HEADER_BYTES)
  const { out } = link
  bytes.copy(out, at, start, start + HEADER_BYTES)
  out[at + 1] = FrameType.ACK
  out.writeUInt32BE(0, at + LENGTH_AT)
}
