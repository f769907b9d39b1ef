import { createHmac, timingSafeEqual } from 'node:crypto'
import { FrontierError } from '@frontier/wire'

const SECRET_PREFIX = 'whsec_'
const VERSION = 'v1,'
const TOLERANCE_MS = 300_000
const SECOND_MS = 1000

/** What a request is signed with. @throws INVALID_ARGUMENT for a secret that is empty, or no base64 after `whsec_`. */
export function signingKey(secret: string): Buffer {
  const isEncoded = secret.startsWith(SECRET_PREFIX)
  const text = secret.slice(SECRET_PREFIX.length)
  if (isEncoded && !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new FrontierError('INVALID_ARGUMENT', 'webhook: a secret that is no base64 after whsec_')
  const key = isEncoded ? Buffer.from(text, 'base64') : Buffer.from(secret)
  if (key.length === 0) throw new FrontierError('INVALID_ARGUMENT', 'webhook: a secret without anything in it')
  return key
}

/** `webhook-signature`: HMAC-SHA256 over id, timestamp and body, with a dot between them, once for each key. */
export function signature(keys: readonly Buffer[], id: string, timestamp: string, body: Uint8Array): string {
  return keys.map((key) => VERSION + createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')).join(' ')
}

/** A request as whoever gets it has it. */
export interface SignedRequest {
  /** By names in lower case, as node:http has them; or what fetch has. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> | { get(name: string): string | null }
  /** Exactly the bytes that came. */
  readonly body: Uint8Array
}

/** How {@link verifyWebhook} judges. */
export interface VerifyOptions {
  /** How far its timestamp may be from now, in milliseconds: 300,000. */
  readonly toleranceMs?: number | undefined
  /** Unix milliseconds: now. */
  readonly now?: number | undefined
}

/**
 * For whoever gets the requests: checks that one was signed with `secret`, and not long ago. Returns its id; the same message, sent again, has the same.
 * @throws UNAUTHENTICATED, with the reason, INVALID_ARGUMENT for a secret that is none.
 */
export function verifyWebhook(secret: string, { headers, body }: SignedRequest, { toleranceMs = TOLERANCE_MS, now = Date.now() }: VerifyOptions = {}): string {
  const header = (name: string): string => {
    const value = 'get' in headers && typeof headers.get === 'function' ? headers.get(name) : (headers as Readonly<Record<string, unknown>>)[name]
    if (typeof value !== 'string' || value === '') throw new FrontierError('UNAUTHENTICATED', `no ${name}`)
    return value
  }
  const [id, timestamp, signatures] = [header('webhook-id'), header('webhook-timestamp'), header('webhook-signature')]
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) * SECOND_MS - now) > toleranceMs) throw new FrontierError('UNAUTHENTICATED', 'webhook-timestamp is too far from now')
  const expected = Buffer.from(signature([signingKey(secret)], id, timestamp, body))
  const isSigned = signatures.split(' ').some((text) => {
    const given = Buffer.from(text)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
  if (!isSigned) throw new FrontierError('UNAUTHENTICATED', 'webhook-signature does not fit')
  return id
}
