// Both ends of request/reply over NATS, with its client package.
import { connect, type NatsConnection } from 'nats'

import { askRound } from '../ask-round.js'
import { ECHO } from '../load.js'
import type { RequesterRole, ResponderRole } from './role.js'

const TIMEOUT_MS = 30_000

/** Asks. */
export function natsRequester(): RequesterRole {
  let connection: NatsConnection | undefined
  return {
    info: null,
    commands: {
      async connect({ port }) {
        connection = await connect({ servers: `127.0.0.1:${port}` })
      },
      run(load) {
        const payload = new Uint8Array(load.size).fill(0x61)
        return askRound(load, 1, () => connection!.request(ECHO, payload, { timeout: TIMEOUT_MS }))
      },
      async disconnect() {
        await connection?.close()
      },
    },
  }
}

/** Answers with what it is sent. */
export function natsResponder(): ResponderRole {
  let connection: NatsConnection | undefined
  return {
    info: null,
    commands: {
      async connect({ port }) {
        connection = await connect({ servers: `127.0.0.1:${port}` })
        connection.subscribe(ECHO, { callback: (_error, message) => message.respond(message.data) })
        await connection.flush()
        return []
      },
      async disconnect() {
        await connection?.close()
      },
    },
  }
}
