import { FrontierError, type FrontierErrorCode } from '@frontier/wire'
import type { Answer } from './webhook-client.js'

const FIRST_DELAY_MS = 500
const SECOND_MS = 1000

const codes: Readonly<Record<number, FrontierErrorCode>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RECORD_NOT_FOUND',
  410: 'RECORD_NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
}

/** Not this time: 408 is also what a server says to a connection that was idle, at the moment when it is used again. */
const later: ReadonlySet<number> = new Set([408, 425, 429])

/** What an answer means: the server has it (undefined), does not want it, or may want it later. */
export type Verdict = undefined | { readonly refusal: FrontierError } | { readonly trouble: FrontierError; readonly retryAfterMs: number }

/** What `answer` of `host` means. */
export function verdictOf({ status, headers }: Answer, host: string): Verdict {
  if (status >= 200 && status < 300) return undefined
  const text = `${host} answered ${status}`
  if (later.has(status) || status >= 500) return { trouble: unavailable(text), retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()) }
  const more = status >= 300 && status < 400 ? ': redirects are not followed' : ''
  return { refusal: new FrontierError(codes[status] ?? 'INVALID_ARGUMENT', text + more) }
}

/** The server may have it all the same. */
export function unavailable(reason: string, cause?: unknown): FrontierError {
  return new FrontierError('BRIDGE_UNAVAILABLE', reason, { delivered: 'maybe', cause })
}

/** How long to wait, after so many tries: random below a ceiling that doubles. */
export function backoffMs(attempts: number, maxRetryDelayMs: number): number {
  return Math.random() * Math.min(maxRetryDelayMs, FIRST_DELAY_MS * 2 ** (attempts - 1))
}

/** `Retry-After`: seconds, or a date; 0 without one that says anything. */
export function retryAfterMs(value: string | undefined, now: number): number {
  if (value === undefined) return 0
  if (/^\d{1,9}$/.test(value)) return Number(value) * SECOND_MS
  const date = Date.parse(value)
  return Number.isNaN(date) ? 0 : Math.max(0, date - now)
}
