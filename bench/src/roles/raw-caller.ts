import { encodeFrame, FrameType } from '@frontier/wire'

import { ECHO } from '../load.js'
import { CallRound } from '../raw/call-round.js'
import { closeRaw, connectRaw } from '../raw/connect.js'
import type { RawLink, RawSink } from '../raw/raw-link.js'
import type { CallerRole } from './role.js'

/** What the SDKs give a call when nothing else is said. */
const BUDGET_MS = 30_000
const silent: RawSink = { onFrame: () => undefined }

/** Edges that speak raw frames. */
export function rawCaller(): CallerRole {
  let links: RawLink[] = []
  let frame: Uint8Array = new Uint8Array(0)
  let isBare = false
  let lastId = 1
  return {
    info: null,
    commands: {
      async connect({ port, edges, size, bare }) {
        isBare = bare
        frame = encodeFrame({ type: FrameType.CALL, budgetMs: BUDGET_MS, key: ECHO, data: new Uint8Array(size).fill(0x61) })
        links = await connectRaw({ port, handshake: bare ? 'bare' : 'edge' }, edges, silent)
      },
      async run(load) {
        const round = new CallRound(frame, load, isBare)
        const outcome = await round.run(links, lastId)
        lastId = round.lastId
        return outcome
      },
      async disconnect() {
        await closeRaw(links)
        links = []
      },
    },
  }
}
