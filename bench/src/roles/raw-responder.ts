import { closeRaw, connectRaw } from '../raw/connect.js'
import { echo } from '../raw/echo.js'
import type { RawLink } from '../raw/raw-link.js'
import { requestNames } from '../request-load.js'
import type { RawResponderRole } from './role.js'

/** A service or edges that answer by raw frames. */
export function rawResponder(): RawResponderRole {
  let links: RawLink[] = []
  return {
    info: null,
    commands: {
      async connect({ port, role, links: count, kind, names, bare, ca }) {
        const registered = requestNames(names)
        const isCalled = kind === 'call'
        const wants = isCalled ? { methods: registered } : role === 'service' ? { topics: registered } : {}
        links = await connectRaw({ port, handshake: bare ? 'bare' : role, ca, ...wants }, count, echo(kind, bare))
        return links.map(({ id }) => String(id))
      },
      pause() {
        for (const { socket } of links) socket.pause()
      },
      async disconnect() {
        await closeRaw(links)
        links = []
      },
    },
  }
}
