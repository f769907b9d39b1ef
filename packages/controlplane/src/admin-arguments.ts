import { FrontierError, MAX_KEY_BYTES, toBytes, toId } from '@frontier/wire'

const MAX_REASON_BYTES = 1_024

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
