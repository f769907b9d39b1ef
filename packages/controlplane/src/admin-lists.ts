import type { MessageInitShape } from '@bufbuild/protobuf'
import type { EdgeOrder, Paging, RegistryReader, ServiceOrder } from '@frontier/registry'
import { FrontierError } from '@frontier/wire'

import { edgeMessage, serviceMessage } from './admin-records.js'
import { momentOf } from './admin-times.js'
import type {
  ListEdgesRequest,
  ListEdgesResponseSchema,
  ListServicesRequest,
  ListServicesResponseSchema,
} from './gen/frontier/v1/admin_pb.js'
import { parseOrder } from './order.js'

const DEFAULT_PAGE_SIZE = 100
const MAX_PAGE_SIZE = 1_000

const edgeOrders: Readonly<Record<string, EdgeOrder>> = { online_at: 'at', edge_id: 'edgeId', addr: 'address', meta: 'meta' }
const serviceOrders: Readonly<Record<string, ServiceOrder>> = { online_at: 'at', service_id: 'serviceId', addr: 'address', name: 'name' }
const newestFirst = { field: 'at', direction: 'desc' } as const

/** One answer of a listing of edges. @throws INVALID_ARGUMENT for a page size, order or cursor that there is not. */
export async function listEdges(registry: RegistryReader, request: ListEdgesRequest): Promise<MessageInitShape<typeof ListEdgesResponseSchema>> {
  const { field, direction } = parseOrder(request.order, edgeOrders, newestFirst, 'asc')
  const { items, count, next } = await registry.listEdges({
    ...pagingOf(request),
    labels: request.labels,
    metaPrefix: given(request.meta),
    metaContains: given(request.metaContains),
    addressPrefix: given(request.addr),
    method: given(request.method),
    startAt: momentOf(request.onlineFrom),
    endAt: momentOf(request.onlineUntil),
    orderBy: field,
    direction,
  })
  return { edges: items.map(edgeMessage), count: BigInt(count), nextCursor: next ?? '' }
}

/** As {@link listEdges}. */
export async function listServices(
  registry: RegistryReader,
  request: ListServicesRequest,
): Promise<MessageInitShape<typeof ListServicesResponseSchema>> {
  const { field, direction } = parseOrder(request.order, serviceOrders, newestFirst, 'asc')
  const { items, count, next } = await registry.listServices({
    ...pagingOf(request),
    labels: request.labels,
    namePrefix: given(request.name),
    addressPrefix: given(request.addr),
    method: given(request.method),
    topic: given(request.topic),
    startAt: momentOf(request.onlineFrom),
    endAt: momentOf(request.onlineUntil),
    orderBy: field,
    direction,
  })
  return { services: items.map(serviceMessage), count: BigInt(count), nextCursor: next ?? '' }
}

function pagingOf({ pageSize, cursor }: { pageSize: number; cursor: string }): Paging {
  if (pageSize > MAX_PAGE_SIZE) throw new FrontierError('INVALID_ARGUMENT', `page_size is ${pageSize}, at most ${MAX_PAGE_SIZE} are allowed`)
  return { pageSize: pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize, after: given(cursor) }
}

function given(text: string): string | undefined {
  return text === '' ? undefined : text
}
