import { FrameType, HEADER_BYTES } from '@frontier/wire'

import { ECHO } from '../load.js'
import { connectRaw } from '../raw/connect.js'
import type { RawLink, RawSink } from '../raw/raw-link.js'
import type { ResponderRole } from './role.js'

const EMPTY_KEY_AND_META = 6
const LENGTH_AT = 4

/** Answers a CALL with its own payload, without key and meta: the same bytes whether a relay or a gateway asks. */
const echo: RawSink & { isBare: boolean } = {
  isBare: false,
  onFrame(link: RawLink, bytes: Buffer, start: number, end: number): void {
    if (!this.isBare && bytes[start + 1] !== FrameType.CALL) return
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
  },
}

/** A service that speaks raw frames. */
export function rawResponder(): ResponderRole {
  return {
    info: null,
    commands: {
      async connect({ port, bare }) {
        echo.isBare = bare
        await connectRaw({ port, handshake: bare ? 'bare' : 'service', methods: [ECHO] }, 1, echo)
      },
    },
  }
}
