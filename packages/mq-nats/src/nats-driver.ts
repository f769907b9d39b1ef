import { checkBrokerTls, type BrokerDriver, type OutgoingMessage } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'

import type { NatsBridgeOptions } from './nats-bridge-options.js'
import { natsHeaders, payloadBytes } from './nats-headers.js'
import { NatsSession } from './nats-session.js'
import { natsSettings } from './nats-settings.js'
import { subjectFault } from './nats-subject.js'

/**
 * NATS behind `createBrokerBridge`: core, or JetStream where `jetStream` names a stream. A stream knows messages that are sent again by their ids; core NATS does not.
 * @throws INVALID_ARGUMENT for options that do not hold.
 */
export function natsDriver(options: NatsBridgeOptions): BrokerDriver {
  const settings = natsSettings(options)
  checkBrokerTls('nats', settings.tls)
  // What the server said last: nobody knows before the first connection.
  let maxPayloadBytes = Infinity
  return {
    kind: 'nats',
    batch: settings.batch,
    resend: settings.jetStream === undefined ? 'at-least-once' : 'deduplicated',
    check: (message) => faultOf(message, maxPayloadBytes),
    async open(events, signal) {
      const session = await NatsSession.open(settings, events, signal)
      maxPayloadBytes = session.maxPayloadBytes
      return session
    },
  }
}

function faultOf(message: OutgoingMessage, maxPayloadBytes: number): FrontierError | undefined {
  const fault = subjectFault(message.target)
  if (fault !== undefined) return new FrontierError('INVALID_ARGUMENT', `nats: ${JSON.stringify(message.target.slice(0, 300))} is not a subject: ${fault}`)
  // Headers are only counted where they could matter.
  if (message.data.length <= maxPayloadBytes) return undefined
  const bytes = payloadBytes(natsHeaders(message), message.data)
  return new FrontierError('PAYLOAD_TOO_LARGE', `nats: a message of ${bytes} bytes with its headers, the server takes ${maxPayloadBytes}`)
}
