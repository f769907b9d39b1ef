import { FrontierError, toBytes, type Id } from '@frontier/wire'

import { decodeCursor } from './cursor.js'
import type { Condition, Listing } from './listing.js'
import type { NameKind, OrderField } from './peer-role.js'
import type {
  Direction,
  EdgeFilter,
  EdgeOrder,
  EdgeQuery,
  Paging,
  PeerFilter,
  ServiceFilter,
  ServiceOrder,
  ServiceQuery,
} from './query.js'

const DEFAULT_PAGE_SIZE = 100

const edgeFields: Readonly<Record<EdgeOrder, OrderField>> = { at: 'at', edgeId: 'id', address: 'address', meta: 'tag' }
const serviceFields: Readonly<Record<ServiceOrder, OrderField>> = { at: 'at', serviceId: 'id', address: 'address', name: 'tag' }

/** A listing and what its cursors have to fit. */
export interface ResolvedQuery {
  readonly listing: Listing
  /** All of it but which page. */
  readonly identity: string
}

/** Which names. */
export interface ResolvedNames {
  readonly conditions: readonly Condition[]
  readonly direction: Direction
  readonly offset: number
  readonly limit: number
  /** Only names beyond this one. */
  readonly after: string | undefined
  readonly identity: string
}

/** @throws INVALID_ARGUMENT for a page, a cursor, an order or an id that there is not. */
export function resolveEdgeQuery(query: EdgeQuery, registry: string): ResolvedQuery {
  return resolveListing(query, ['edge', edgeConditions(query), resolveOrder(query.orderBy, edgeFields)], registry)
}

/** As {@link resolveEdgeQuery}. */
export function resolveServiceQuery(query: ServiceQuery, registry: string): ResolvedQuery {
  return resolveListing(query, ['service', serviceConditions(query), resolveOrder(query.orderBy, serviceFields)], registry)
}

type Subject = readonly [role: 'edge' | 'service', conditions: Condition[], field: OrderField]

function resolveListing(query: EdgeQuery | ServiceQuery, [role, conditions, field]: Subject, registry: string): ResolvedQuery {
  const direction = resolveDirection(query.direction, 'desc')
  const identity = identityOf([role, field, direction, conditions])
  const cursor = query.after === undefined ? undefined : decodeCursor(query.after, { query: identity, registry })
  const paging = resolvePaging(query)
  return { listing: { conditions, field, direction, ...paging, after: cursor, latest: cursor?.latest ?? Infinity }, identity }
}

/** Names of `kind` of the peers that fit. @throws INVALID_ARGUMENT as {@link resolveEdgeQuery}. */
export function resolveNames(
  query: (EdgeFilter | ServiceFilter) & Paging & { direction?: Direction | undefined },
  [role, kind]: readonly ['edge' | 'service', NameKind],
  registry: string,
): ResolvedNames {
  const conditions = role === 'edge' ? edgeConditions(query) : serviceConditions(query)
  const direction = resolveDirection(query.direction, 'asc')
  const identity = identityOf([role, kind, direction, conditions])
  const cursor = query.after === undefined ? undefined : decodeCursor(query.after, { query: identity, registry })
  const after = typeof cursor?.key === 'string' ? cursor.key : undefined
  return { conditions, direction, ...resolvePaging(query), after, identity }
}

/** An id to look for: any integer, as one that nobody can have is simply not found. @throws INVALID_ARGUMENT when a number has lost digits. */
export function resolveWantedId(id: Id): bigint {
  if (typeof id === 'bigint') return id
  if (!Number.isSafeInteger(id)) throw invalid(`id ${id} is not a safe integer; give ids above 2^53 as bigint`)
  return BigInt(id)
}

function edgeConditions(filter: EdgeFilter): Condition[] {
  const conditions = peerConditions(filter)
  const { edgeId, metaPrefix, metaContains } = filter
  if (edgeId !== undefined) conditions.push({ is: 'id', id: resolveWantedId(edgeId) })
  // Copies: a view would take all that is behind it along to another thread.
  const prefix = toBytes(metaPrefix).slice()
  if (prefix.length > 0) conditions.push({ is: 'prefix', field: 'tag', prefix })
  const bytes = toBytes(metaContains).slice()
  if (bytes.length > 0) conditions.push({ is: 'contains', bytes })
  return conditions
}

function serviceConditions(filter: ServiceFilter): Condition[] {
  const conditions = peerConditions(filter)
  const { serviceId, name, namePrefix = '', topic } = filter
  if (serviceId !== undefined) conditions.push({ is: 'id', id: resolveWantedId(serviceId) })
  if (name !== undefined) conditions.push({ is: 'name', kind: 'name', name })
  if (namePrefix !== '') conditions.push({ is: 'prefix', field: 'tag', prefix: namePrefix })
  if (topic !== undefined) conditions.push({ is: 'name', kind: 'topic', name: topic })
  return conditions
}

function peerConditions(filter: PeerFilter): Condition[] {
  const { addressPrefix = '', method, labels = {}, startAt = -Infinity, endAt = Infinity } = filter
  const conditions: Condition[] = []
  if (addressPrefix !== '') conditions.push({ is: 'prefix', field: 'address', prefix: addressPrefix })
  if (method !== undefined) conditions.push({ is: 'name', kind: 'method', name: method })
  for (const [label, value] of Object.entries(labels)) conditions.push({ is: 'label', label, value })
  if (startAt > -Infinity || endAt < Infinity) conditions.push({ is: 'time', from: startAt, until: endAt })
  return conditions
}

function resolvePaging({ page = 1, pageSize = DEFAULT_PAGE_SIZE, after }: Paging): { offset: number; limit: number } {
  if (!Number.isInteger(page) || page < 1) throw invalid(`page is ${page}, not an integer from 1 on`)
  if (pageSize !== Infinity && (!Number.isInteger(pageSize) || pageSize < 1)) {
    throw invalid(`pageSize is ${pageSize}, not an integer from 1 on or Infinity`)
  }
  if (after !== undefined && page !== 1) throw invalid('page and after exclude each other')
  return { offset: page === 1 ? 0 : (page - 1) * pageSize, limit: pageSize }
}

function resolveOrder<F extends string>(value: F | undefined, fields: Readonly<Record<F, OrderField>>): OrderField {
  if (value === undefined) return 'at'
  if (!Object.hasOwn(fields, value)) throw invalid(`cannot order by ${value}, options: ${Object.keys(fields).join(', ')}`)
  return fields[value]
}

function resolveDirection(value: Direction | undefined, fallback: Direction): Direction {
  if (value === undefined) return fallback
  if (!['asc', 'desc'].includes(value)) throw invalid(`direction is ${value}, options: asc, desc`)
  return value
}

function identityOf(parts: readonly unknown[]): string {
  return JSON.stringify(parts, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
}

function invalid(message: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', message)
}
