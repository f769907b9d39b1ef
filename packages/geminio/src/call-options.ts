import { FrontierError, toBytes, type Bytes } from '@frontier/wire'

/** Options of one call. */
export interface CallOptions {
  /** Time budget in milliseconds, waiting for the link and for a free place included; the end's default when absent (30,000). Infinity = none. */
  timeoutMs?: number | undefined
  /** Gives up: rejects CANCELLED at once and tells the other side. */
  signal?: AbortSignal | undefined
  /** Travels beside the data. */
  meta?: Bytes | undefined
}

/** Options of one publish. */
export interface PublishOptions extends CallOptions {
  /** 'acked' (default): settles when the receiver did. 'at-most-once': resolves when sent, nothing answers it. */
  delivery?: 'acked' | 'at-most-once' | undefined
}

/** `value` when it is a time above 0, Infinity included. @throws INVALID_ARGUMENT with the option's name otherwise. */
export function checkedTimeoutMs(value: number, name = 'timeoutMs'): number {
  if (typeof value === 'number' && value > 0) return value
  throw new FrontierError('INVALID_ARGUMENT', `${name} must be milliseconds above 0 or Infinity, not ${String(value)}`)
}

/** `value` as bytes. @throws INVALID_ARGUMENT when it is neither a Uint8Array nor a string. */
export function checkedBytes(value: Bytes | undefined, name: string): Uint8Array {
  if (value === undefined || typeof value === 'string' || value instanceof Uint8Array) return toBytes(value)
  throw new FrontierError('INVALID_ARGUMENT', `${name} must be a Uint8Array or a string; json(value) makes one`)
}
