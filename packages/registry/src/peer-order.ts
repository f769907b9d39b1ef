import type { Direction, EdgeOrder, ServiceOrder } from './query.js'
import type { EdgeRecord, ServiceRecord } from './records.js'
import type { Compare } from './select-page.js'

/** A place in an order; `tag` is the meta of an edge, or the name of a service. */
export interface OrderedPeer {
  readonly id: bigint
  readonly at: number
  readonly address: string
  readonly tag: Uint8Array | string
}

/** How edges compare by `field`; equals by id. */
export function edgeCompare(field: EdgeOrder, direction: Direction): Compare<EdgeRecord> {
  const byId: Compare<EdgeRecord> = (a, b) => compare(a.edgeId, b.edgeId)
  switch (field) {
    case 'at':
      return directed((a, b) => a.at - b.at || byId(a, b), direction)
    case 'edgeId':
      return directed(byId, direction)
    case 'address':
      return directed((a, b) => compare(a.address, b.address) || byId(a, b), direction)
    case 'meta':
      return directed((a, b) => compareBytes(a.meta, b.meta) || byId(a, b), direction)
  }
}

/** How services compare by `field`; equals by id. */
export function serviceCompare(field: ServiceOrder, direction: Direction): Compare<ServiceRecord> {
  const byId: Compare<ServiceRecord> = (a, b) => compare(a.serviceId, b.serviceId)
  switch (field) {
    case 'at':
      return directed((a, b) => a.at - b.at || byId(a, b), direction)
    case 'serviceId':
      return directed(byId, direction)
    case 'address':
      return directed((a, b) => compare(a.address, b.address) || byId(a, b), direction)
    case 'name':
      return directed((a, b) => compare(a.name, b.name) || byId(a, b), direction)
  }
}

/** How names compare: by code units. */
export function nameCompare(direction: Direction): Compare<string> {
  return directed(compare, direction)
}

function directed<T>(ascending: Compare<T>, direction: Direction): Compare<T> {
  return direction === 'asc' ? ascending : (a, b) => ascending(b, a)
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const difference = a[at]! - b[at]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
