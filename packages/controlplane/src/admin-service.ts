import { FrontierError } from '@frontier/wire'

import { banTermsOf, checkedId, checkedName, checkedReason, payloadOf, serviceTargetOf } from './admin-arguments.js'
import { eventMessage, eventTestOf } from './admin-events.js'
import { listEdges, listServices } from './admin-lists.js'
import { banMessage, bridgeMessage, edgeMessage, serviceBanMessage, serviceMessage } from './admin-records.js'
import { statsMessage } from './admin-stats.js'
import { millisecondsOf, timeoutOf } from './admin-times.js'
import type { Ban, ControlPlaneBackend, EdgeRequest, ServiceBan } from './backend.js'
import type { EventFeed } from './event-feed.js'
import { Admin, type CallEdgeRequest, type PublishEdgeRequest } from './gen/frontier/v1/admin_pb.js'
import { implement, type Call, type ImplementedService } from './implementation.js'

const DEFAULT_TIMEOUT_MS = 30_000

/** The service of our own: what the family's does not have. */
export function adminService(backend: ControlPlaneBackend, feed: EventFeed): ImplementedService {
  const { registry } = backend
  return implement(Admin, {
    listEdges: (request) => listEdges(registry, request),
    async getEdge({ edgeId }) {
      const edge = await registry.getEdge(edgeId)
      if (edge === undefined) throw new FrontierError('RECORD_NOT_FOUND', `edge ${edgeId} is not online`)
      return edgeMessage(edge)
    },
    kickEdge({ edgeId, reason }) {
      if (!backend.kick('edge', edgeId, checkedReason(reason))) throw new FrontierError('EDGE_NOT_ONLINE', `edge ${edgeId} is not online`)
      return {}
    },
    async callEdge(request, call) {
      const method = checkedName(request.method, 'method', true)
      return { ...(await backend.callEdge(request.edgeId, method, edgeRequestOf(request, call))) }
    },
    async publishEdge(request, call) {
      const topic = checkedName(request.topic, 'topic', false)
      const isAtMostOnce = request.atMostOnce
      await backend.publishEdge(request.edgeId, topic, { ...edgeRequestOf(request, call), isAtMostOnce })
      return {}
    },
    listServices: (request) => listServices(registry, request),
    async getService({ serviceId }) {
      const service = await registry.getService(serviceId)
      if (service === undefined) throw new FrontierError('RECORD_NOT_FOUND', `service ${serviceId} is not online`)
      return serviceMessage(service)
    },
    kickService({ serviceId, reason }) {
      if (!backend.kick('service', serviceId, checkedReason(reason))) {
        throw new FrontierError('SERVICE_NOT_ONLINE', `service ${serviceId} is not online`)
      }
      return {}
    },
    banEdge(request, { principal }) {
      const ban: Ban = { edgeId: checkedId(request.edgeId), ...banTermsOf(request, principal.name) }
      const { wasOnline } = backend.ban(ban)
      return { ban: banMessage(ban), wasOnline }
    },
    unbanEdge({ edgeId }) {
      if (!backend.unban(edgeId)) throw new FrontierError('RECORD_NOT_FOUND', `edge ${edgeId} is not banned`)
      return {}
    },
    listBans: () => ({ bans: backend.bans().map(banMessage) }),
    banService(request, { principal }) {
      const ban: ServiceBan = { target: serviceTargetOf(request), ...banTermsOf(request, principal.name) }
      const { closed } = backend.banService(ban)
      return { ban: serviceBanMessage(ban), closed: BigInt(closed) }
    },
    unbanService(request) {
      const target = serviceTargetOf(request)
      if (!backend.unbanService(target)) {
        throw new FrontierError('RECORD_NOT_FOUND', 'name' in target ? `no ban of services named ${JSON.stringify(target.name)}` : `service ${target.serviceId} is not banned`)
      }
      return {}
    },
    listServiceBans: () => ({ bans: backend.serviceBans().map(serviceBanMessage) }),
    listBridges: () => ({ bridges: backend.bridges().map(bridgeMessage) }),
    async *watchEvents(request, { signal }) {
      for await (const event of feed.watch(eventTestOf(request), signal)) yield eventMessage(event)
    },
    async getStats() {
      return statsMessage(await backend.stats(), { isDraining: backend.isDraining, watchers: feed.watchers })
    },
    drain({ timeout }) {
      backend.drain(millisecondsOf(timeout, 'timeout'))
      return {}
    },
  })
}

function edgeRequestOf({ content, meta, timeout }: CallEdgeRequest | PublishEdgeRequest, call: Call): EdgeRequest {
  const timeoutMs = Math.min(timeoutOf(timeout, DEFAULT_TIMEOUT_MS), call.timeoutMs ?? Infinity)
  if (timeoutMs <= 0) throw new FrontierError('TIMEOUT', 'the time was up before the edge was asked')
  return { data: payloadOf(content), meta, timeoutMs, signal: call.signal }
}
