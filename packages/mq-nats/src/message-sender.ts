import type { PendingMessage } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { MsgHdrs, NatsConnection } from 'nats'

import type { DeniedSubjects } from './denied-subjects.js'
import { natsHeaders, payloadBytes } from './nats-headers.js'

/** How messages leave over one connection, and are settled. */
export interface MessageSender {
  send(batch: readonly PendingMessage[]): void
  /** The server said that it does not let us publish there. */
  onDenied(subject: string): void
  /** Resolves when all is settled. */
  whenIdle(): Promise<void>
  /** Nothing is settled by the server any more: all is lost. */
  fail(error: FrontierError): void
}

/** Headers of `message`, when it may be sent; it was refused otherwise. */
export function admitted(message: PendingMessage, connection: NatsConnection, denied: DeniedSubjects): MsgHdrs | undefined {
  const refusal = denied.refusalNow(message.target)
  if (refusal !== undefined) {
    message.refuse(refusal)
    return undefined
  }
  const headers = natsHeaders(message)
  const limit = connection.info?.max_payload ?? Infinity
  const bytes = payloadBytes(headers, message.data)
  if (bytes <= limit) return headers
  message.refuse(new FrontierError('PAYLOAD_TOO_LARGE', `nats: a message of ${bytes} bytes with its headers, the server takes ${limit}`))
  return undefined
}
