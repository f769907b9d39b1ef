import type { MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import type { EdgeEntry, ServiceEntry } from '@frontier/registry'
import { utf8 } from '@frontier/wire'

import type { Ban, BanTerms, BridgeEntry, ServiceBan } from './backend.js'
import type { BanSchema, BridgeSchema, EdgeSchema, ServiceBanSchema, ServiceSchema } from './gen/frontier/v1/admin_pb.js'

/** An edge as the Admin service shows it. */
export function edgeMessage(edge: EdgeEntry): MessageInitShape<typeof EdgeSchema> {
  const { edgeId, meta, labels, address, at, generation, methods } = edge
  return {
    edgeId,
    meta,
    metaText: utf8(meta),
    labels: { ...labels },
    addr: address,
    onlineAt: timestampFromMs(at),
    generation: BigInt(generation),
    methods: [...methods].sort(),
  }
}

/** A service as the Admin service shows it. */
export function serviceMessage(service: ServiceEntry): MessageInitShape<typeof ServiceSchema> {
  const { serviceId, name, labels, address, at, methods, topics } = service
  return {
    serviceId,
    name,
    labels: { ...labels },
    addr: address,
    onlineAt: timestampFromMs(at),
    methods: [...methods].sort(),
    topics: [...topics].sort(),
  }
}

/** A ban as the Admin service shows it. */
export function banMessage({ edgeId, ...terms }: Ban): MessageInitShape<typeof BanSchema> {
  return { edgeId, ...termsMessage(terms) }
}

/** The same of services. */
export function serviceBanMessage({ target, ...terms }: ServiceBan): MessageInitShape<typeof ServiceBanSchema> {
  return { ...target, ...termsMessage(terms) }
}

/** A bridge as the Admin service shows it. */
export function bridgeMessage({ name, topics, state, lastError, ...bridge }: BridgeEntry): MessageInitShape<typeof BridgeSchema> {
  const message = {
    name,
    topics: [...topics],
    state,
    published: BigInt(bridge.published),
    refused: BigInt(bridge.refused),
    waiting: BigInt(bridge.waiting),
    waitingBytes: BigInt(bridge.waitingBytes),
    delivered: BigInt(bridge.delivered),
    deadLettered: BigInt(bridge.deadLettered),
    reconnects: BigInt(bridge.reconnects),
  }
  if (lastError === undefined) return message
  const { code, reason, at } = lastError
  return { ...message, lastError: { code, reason, at: timestampFromMs(at) } }
}

function termsMessage({ reason, by, since, until }: BanTerms): Pick<MessageInitShape<typeof BanSchema>, 'reason' | 'by' | 'since' | 'until'> {
  const message = { reason, by, since: timestampFromMs(since) }
  return until === undefined ? message : { ...message, until: timestampFromMs(until) }
}
