import type { Duration, Timestamp } from '@bufbuild/protobuf/wkt'
import { FrontierError } from '@frontier/wire'

/** The longest that a timer can be set to. */
const MAX_TIMEOUT_MS = 0x7fff_ffff

/** `duration` in milliseconds; undefined when absent. @throws INVALID_ARGUMENT when it is negative, or malformed. */
export function millisecondsOf(duration: Duration | undefined, name: string): number | undefined {
  if (duration === undefined) return undefined
  const ms = Number(duration.seconds) * 1000 + duration.nanos / 1_000_000
  if (!(ms >= 0)) throw new FrontierError('INVALID_ARGUMENT', `${name} is negative`)
  return ms
}

/** A time budget of a request: `fallbackMs` when absent. @throws INVALID_ARGUMENT unless it is above 0. */
export function timeoutOf(duration: Duration | undefined, fallbackMs: number): number {
  const ms = millisecondsOf(duration, 'timeout') ?? fallbackMs
  if (ms === 0) throw new FrontierError('INVALID_ARGUMENT', 'timeout must be above 0')
  return Math.min(Math.ceil(ms), MAX_TIMEOUT_MS)
}

/** `timestamp` in Unix milliseconds, rounded up, so that "from" and "until" mean the same moment. */
export function momentOf(timestamp: Timestamp | undefined): number | undefined {
  return timestamp && Number(timestamp.seconds) * 1000 + Math.ceil(timestamp.nanos / 1_000_000)
}
