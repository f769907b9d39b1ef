import type { MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'

import { edgeMessage, serviceMessage } from './admin-records.js'
import type { GatewayEvent } from './backend.js'
import type { EventTest } from './event-feed.js'
import { EventType, Role, type EventSchema, type WatchEventsRequest } from './gen/frontier/v1/admin_pb.js'

const types: Readonly<Record<GatewayEvent['type'], EventType>> = {
  online: EventType.ONLINE,
  offline: EventType.OFFLINE,
  kick: EventType.KICK,
  refusal: EventType.REFUSAL,
  register: EventType.REGISTER,
  unregister: EventType.UNREGISTER,
}

const roles = { edge: Role.EDGE, service: Role.SERVICE } as const

/** What a watcher asked to hear of. */
export function eventTestOf(request: WatchEventsRequest): EventTest {
  const { role, id } = request
  const wanted = new Set(request.types)
  return ({ type, peer }) =>
    (wanted.size === 0 || wanted.has(types[type])) && (role === Role.UNSPECIFIED || role === roles[peer.role]) && (id === undefined || id === peer.id)
}

/** An event as the Admin service tells it. */
export function eventMessage(event: GatewayEvent): MessageInitShape<typeof EventSchema> {
  const { seq, at, peer } = event
  return {
    seq: BigInt(seq),
    at: timestampFromMs(at),
    type: types[event.type],
    role: roles[peer.role],
    id: peer.id,
    name: peer.name,
    addr: peer.address,
    ...detailsOf(event),
  }
}

function detailsOf(event: GatewayEvent): MessageInitShape<typeof EventSchema> {
  switch (event.type) {
    case 'online':
      return 'edge' in event.entry ? { edge: edgeMessage(event.entry.edge) } : { service: serviceMessage(event.entry.service) }
    case 'offline':
    case 'refusal':
      return { code: event.code, reason: event.reason }
    case 'kick':
      return { reason: event.reason }
    case 'register':
    case 'unregister':
      return { [event.kind]: event.word }
  }
}
