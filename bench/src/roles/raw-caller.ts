import { closeRaw, connectRaw } from '../raw/connect.js'
import type { RawLink, RawSink } from '../raw/raw-link.js'
import type { CallerRole } from './role.js'

const silent: RawSink = { onFrame: () => undefined }

/** Edges that speak raw frames, and only ping. */
export function rawCaller(): CallerRole {
  let links: RawLink[] = []
  return {
    info: null,
    commands: {
      async connect({ port, edges, bare }) {
        links = await connectRaw({ port, handshake: bare ? 'bare' : 'edge' }, edges, silent)
      },
      async disconnect() {
        await closeRaw(links)
        links = []
      },
    },
  }
}
