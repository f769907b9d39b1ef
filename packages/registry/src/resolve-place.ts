import { EMPTY } from '@frontier/wire'

import type { OrderedEdge, OrderedService } from './peer-order.js'
import type { EdgePlace, ServicePlace } from './query.js'

/** `place` with everything filled in: fields that are not ordered by do not matter. */
export function edgePlace(place: EdgePlace | undefined): OrderedEdge | undefined {
  return place && { at: 0, address: '', meta: EMPTY, ...place }
}

/** As {@link edgePlace}. */
export function servicePlace(place: ServicePlace | undefined): OrderedService | undefined {
  return place && { at: 0, address: '', name: '', ...place }
}
