import type { FrontierError } from '@frontier/wire'

/** The error that ends something: made when somebody wants it. */
export type LateError = () => FrontierError

/**
 * What `make` makes, made once, when it is first asked for. An error knows where it was made, which takes 10 us: of a stream that is opened and
 * closed nobody asks (docs/performance.md).
 */
export function lateError(make: () => FrontierError): LateError {
  let error: FrontierError | undefined
  return () => (error ??= make())
}
