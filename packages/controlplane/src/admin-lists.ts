import type { MessageInitShape } from '@bufbuild/protobuf'
import type { EdgeEntry, EdgeOrder, EdgePlace, RegistryReader, ServiceEntry, ServiceOrder, ServicePlace } from '@frontier/registry'
import { FrontierError } from '@frontier/wire'

import { edgeMessage, serviceMessage } from './admin-records.js'
import { momentOf } from './admin-times.js'
import { decodeCursor, encodeCursor, type Cursor } from './cursor.js'
import type {
  ListEdgesRequest,
  ListEdgesResponseSchema,
  ListServicesRequest,
  ListServicesResponseSchema,
} from './gen/frontier/v1/admin_pb.js'
import { parseOrder, type Order } from './order.js'

const DEFAULT_PAGE_SIZE = 100
const MAX_PAGE_SIZE = 1_000

const edgeOrders: Readonly<Record<string, EdgeOrder>> = { online_at: 'at', edge_id: 'edgeId', addr: 'address', meta: 'meta' }
const serviceOrders: Readonly<Record<string, ServiceOrder>> = { online_at: 'at', service_id: 'serviceId', addr: 'address', name: 'name' }
const newestFirst = { field: 'at', direction: 'desc' } as const

/** One answer of a listing of edges. @throws INVALID_ARGUMENT for a page size, order or cursor that there is not. */
export async function listEdges(registry: RegistryReader, request: ListEdgesRequest): Promise<MessageInitShape<typeof ListEdgesResponseSchema>> {
  const order = parseOrder(request.order, edgeOrders, newestFirst, 'asc')
  const listing = listingOf('edges', order, request)
  const { labels, meta, addr, method } = request
  const page = await registry.listEdges({
    labels,
    metaPrefix: meta,
    addressPrefix: addr,
    method: given(method),
    ...listing.times,
    ...(listing.cursor !== undefined && { after: edgePlaceOf(listing.cursor, order.field) }),
    orderBy: order.field,
    direction: order.direction,
    pageSize: listing.pageSize + 1,
  })
  const edges = page.items.slice(0, listing.pageSize)
  const last = page.items.length > listing.pageSize ? edges.at(-1) : undefined
  return {
    edges: edges.map(edgeMessage),
    count: BigInt(page.count),
    nextCursor: last === undefined ? '' : encodeCursor({ ...listing.next, key: edgeKeyOf(last, order.field), id: last.edgeId }),
  }
}

/** As {@link listEdges}. */
export async function listServices(
  registry: RegistryReader,
  request: ListServicesRequest,
): Promise<MessageInitShape<typeof ListServicesResponseSchema>> {
  const order = parseOrder(request.order, serviceOrders, newestFirst, 'asc')
  const listing = listingOf('services', order, request)
  const { labels, name, addr, method, topic } = request
  const page = await registry.listServices({
    labels,
    namePrefix: name,
    addressPrefix: addr,
    method: given(method),
    topic: given(topic),
    ...listing.times,
    ...(listing.cursor !== undefined && { after: servicePlaceOf(listing.cursor, order.field) }),
    orderBy: order.field,
    direction: order.direction,
    pageSize: listing.pageSize + 1,
  })
  const services = page.items.slice(0, listing.pageSize)
  const last = page.items.length > listing.pageSize ? services.at(-1) : undefined
  return {
    services: services.map(serviceMessage),
    count: BigInt(page.count),
    nextCursor: last === undefined ? '' : encodeCursor({ ...listing.next, key: serviceKeyOf(last, order.field), id: last.serviceId }),
  }
}

/** What a listing of either kind has in common. */
interface Listing {
  pageSize: number
  cursor: Cursor | undefined
  times: { startAt: number | undefined; endAt: number }
  /** What the next cursor has of this one. */
  next: Pick<Cursor, 'of' | 'begunAt'>
}

function listingOf(kind: string, { field, direction }: Order<string>, request: ListEdgesRequest | ListServicesRequest): Listing {
  const pageSize = request.pageSize === 0 ? DEFAULT_PAGE_SIZE : request.pageSize
  if (pageSize > MAX_PAGE_SIZE) throw new FrontierError('INVALID_ARGUMENT', `page_size is ${pageSize}, at most ${MAX_PAGE_SIZE} are allowed`)
  const of = `${kind} ${direction} ${field}`
  const cursor = request.cursor === '' ? undefined : decodeCursor(request.cursor, of)
  const begunAt = cursor?.begunAt ?? Date.now()
  const until = momentOf(request.onlineUntil) ?? Infinity
  return { pageSize, cursor, times: { startAt: momentOf(request.onlineFrom), endAt: Math.min(until, begunAt + 1) }, next: { of, begunAt } }
}

function edgeKeyOf(edge: EdgeEntry, field: EdgeOrder): string {
  switch (field) {
    case 'at':
      return String(edge.at)
    case 'edgeId':
      return ''
    case 'address':
      return edge.address
    case 'meta':
      return Buffer.from(edge.meta).toString('base64')
  }
}

function edgePlaceOf({ id, key }: Cursor, field: EdgeOrder): EdgePlace {
  switch (field) {
    case 'at':
      return { edgeId: id, at: Number(key) }
    case 'edgeId':
      return { edgeId: id }
    case 'address':
      return { edgeId: id, address: key }
    case 'meta':
      return { edgeId: id, meta: Buffer.from(key, 'base64') }
  }
}

function serviceKeyOf(service: ServiceEntry, field: ServiceOrder): string {
  switch (field) {
    case 'at':
      return String(service.at)
    case 'serviceId':
      return ''
    case 'address':
      return service.address
    case 'name':
      return service.name
  }
}

function servicePlaceOf({ id, key }: Cursor, field: ServiceOrder): ServicePlace {
  switch (field) {
    case 'at':
      return { serviceId: id, at: Number(key) }
    case 'serviceId':
      return { serviceId: id }
    case 'address':
      return { serviceId: id, address: key }
    case 'name':
      return { serviceId: id, name: key }
  }
}

function given(text: string): string | undefined {
  return text === '' ? undefined : text
}
