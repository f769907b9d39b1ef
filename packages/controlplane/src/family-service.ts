import type { MessageInitShape } from '@bufbuild/protobuf'
import type { EdgeEntry, EdgeOrder, Page, ServiceEntry, ServiceOrder } from '@frontier/registry'
import { FrontierError, utf8 } from '@frontier/wire'

import type { ControlPlaneBackend } from './backend.js'
import { edgeFilterOf, pagingOf, serviceFilterOf } from './family-queries.js'
import { ControlPlane, type EdgeSchema, type ServiceSchema } from './gen/controlplane_pb.js'
import { implement, type ImplementedService } from './implementation.js'
import { parseOrder, type Order } from './order.js'

const edgeOrders: Readonly<Record<string, EdgeOrder>> = { create_time: 'at', edge_id: 'edgeId', addr: 'address', meta: 'meta' }
const serviceOrders: Readonly<Record<string, ServiceOrder>> = { create_time: 'at', service_id: 'serviceId', addr: 'address', service: 'name' }
const newestFirst = { field: 'at', direction: 'desc' } as const
/** What names may be asked to be ordered by: they are in an order of their own, of which only the direction can be had. */
const edgeNameOrders = { edge_id: 'name', create_time: 'name', rpc: 'name' } as const
const serviceNameOrders = { service_id: 'name', create_time: 'name', rpc: 'name' } as const
const topicOrders = { service_id: 'name', create_time: 'name', topic: 'name' } as const
const byName: Order<'name'> = { field: 'name', direction: 'asc' }

const MAX_COUNT = 0x7fff_ffff

/** The service that the whole family has. */
export function familyService(backend: ControlPlaneBackend): ImplementedService {
  const { registry } = backend
  return implement(ControlPlane, {
    async listEdges(request) {
      const { field, direction } = parseOrder(request.order ?? '', edgeOrders, newestFirst, 'desc')
      const page = await registry.listEdges({ ...edgeFilterOf(request), ...pagingOf(request), orderBy: field, direction })
      return { edges: page.items.map(edgeMessage), count: countOf(page) }
    },
    async getEdge({ edgeId }) {
      const edge = await registry.getEdge(edgeId)
      if (edge === undefined) throw new FrontierError('RECORD_NOT_FOUND', 'record not found')
      return edgeMessage(edge)
    },
    kickEdge({ edgeId }) {
      if (!backend.kick('edge', edgeId, '')) throw new FrontierError('EDGE_NOT_ONLINE', 'edge not online')
      return {}
    },
    async listEdgeRPCs(request) {
      const { direction } = parseOrder(request.order ?? '', edgeNameOrders, byName, 'asc')
      const page = await registry.listEdgeMethods({ ...edgeFilterOf(request), ...pagingOf(request), direction })
      return { rpcs: page.items, count: countOf(page) }
    },
    async listServices(request) {
      const { field, direction } = parseOrder(request.order ?? '', serviceOrders, newestFirst, 'asc')
      const page = await registry.listServices({ ...serviceFilterOf(request), ...pagingOf(request), orderBy: field, direction })
      return { services: page.items.map(serviceMessage), count: countOf(page) }
    },
    async getService({ serviceId }) {
      const service = await registry.getService(serviceId)
      if (service === undefined) throw new FrontierError('RECORD_NOT_FOUND', 'record not found')
      return serviceMessage(service)
    },
    kickService({ serviceId }) {
      if (!backend.kick('service', serviceId, '')) throw new FrontierError('SERVICE_NOT_ONLINE', 'service not online')
      return {}
    },
    async listServiceRPCs(request) {
      const { direction } = parseOrder(request.order ?? '', serviceNameOrders, byName, 'asc')
      const page = await registry.listServiceMethods({ ...serviceFilterOf(request), ...pagingOf(request), direction })
      return { rpcs: page.items, count: countOf(page) }
    },
    async listServiceTopics(request) {
      const { direction } = parseOrder(request.order ?? '', topicOrders, byName, 'asc')
      const page = await registry.listServiceTopics({ ...serviceFilterOf(request), ...pagingOf(request), direction })
      return { topics: page.items, count: countOf(page) }
    },
  })
}

function edgeMessage({ edgeId, meta, address, at }: EdgeEntry): MessageInitShape<typeof EdgeSchema> {
  return { edgeId, meta: utf8(meta), addr: address, createTime: secondsOf(at) }
}

function serviceMessage({ serviceId, name, address, at }: ServiceEntry): MessageInitShape<typeof ServiceSchema> {
  return { serviceId, service: name, addr: address, createTime: secondsOf(at) }
}

function secondsOf(at: number): bigint {
  return BigInt(Math.floor(at / 1000))
}

function countOf({ count }: Page<unknown>): number {
  return Math.min(count, MAX_COUNT)
}
