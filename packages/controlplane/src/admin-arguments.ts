import type { Duration } from '@bufbuild/protobuf/wkt'
import { FrontierError, MAX_KEY_BYTES, toBytes, toId } from '@frontier/wire'

import { millisecondsOf } from './admin-times.js'
import type { BanTerms, ServiceTarget } from './backend.js'

const MAX_REASON_BYTES = 1_024
/** The end of the year 9999: later moments cannot be told in JSON. */
const LAST_MOMENT_MS = 253_402_300_799_999

/** A reason of a kick or a ban. @throws INVALID_ARGUMENT when it is too long. */
export function checkedReason(reason: string): string {
  const { length } = toBytes(reason)
  if (length > MAX_REASON_BYTES) throw new FrontierError('INVALID_ARGUMENT', `reason has ${length} bytes, at most ${MAX_REASON_BYTES} are allowed`)
  return reason
}

/** An id that an edge can have. @throws INVALID_ARGUMENT for 0. */
export function checkedId(id: bigint): bigint {
  if (id === 0n) throw new FrontierError('INVALID_ARGUMENT', 'edge_id is missing, or 0, which no edge has')
  return toId(id)
}

/** What a request says of services: either a name or an id. @throws INVALID_ARGUMENT for both, or neither. */
export function serviceTargetOf({ serviceId, name }: { serviceId: bigint; name: string }): ServiceTarget {
  if ((serviceId === 0n) === (name === '')) throw new FrontierError('INVALID_ARGUMENT', 'one of service_id and name is needed')
  return name === '' ? { serviceId: toId(serviceId) } : { name: checkedName(name, 'name', true) }
}

/** From now on, by `by`. @throws INVALID_ARGUMENT for a duration that is not above 0 or ends too late, or a reason that is too long. */
export function banTermsOf({ reason, duration }: { reason: string; duration?: Duration | undefined }, by: string): BanTerms {
  const since = Date.now()
  const forMs = millisecondsOf(duration, 'duration')
  if (forMs === 0) throw new FrontierError('INVALID_ARGUMENT', 'duration must be above 0')
  const until = forMs === undefined ? undefined : since + Math.ceil(forMs)
  if (until !== undefined && until > LAST_MOMENT_MS) throw new FrontierError('INVALID_ARGUMENT', 'duration ends behind the year 9999: leave it out')
  return { reason: checkedReason(reason), by, since, until }
}

/** What a request carries: bytes, or text. */
export function payloadOf(content: { case: 'data'; value: Uint8Array } | { case: 'text'; value: string } | { case: undefined; value?: undefined }): Uint8Array {
  return toBytes(content.value)
}

/** A method or topic. @throws INVALID_ARGUMENT when it is too long, or missing though `isNeeded`. */
export function checkedName(name: string, what: string, isNeeded: boolean): string {
  const { length } = toBytes(name)
  if (isNeeded && length === 0) throw new FrontierError('INVALID_ARGUMENT', `${what} is missing`)
  if (length > MAX_KEY_BYTES) throw new FrontierError('INVALID_ARGUMENT', `${what} has ${length} bytes, at most ${MAX_KEY_BYTES} are allowed`)
  return name
}
