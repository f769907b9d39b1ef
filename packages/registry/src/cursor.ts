import { FrontierError } from '@frontier/wire'

import type { OrderKey } from './peer-role.js'

/** Where a listing goes on, and what it was a listing of. */
export interface Cursor {
  /** Role or kind of names, order and filter: it fits no other query. */
  readonly query: string
  /** Which registry gave it: arrival numbers mean nothing to another. */
  readonly registry: string
  /** The arrival number that was the last when the listing began. */
  readonly latest: number
  readonly key: OrderKey
  readonly id: bigint
}

/** Bytes as text that JSON keeps apart from a string. */
interface EncodedBytes {
  bytes: string
}

type EncodedCursor = [query: string, registry: string, latest: number, key: number | string | EncodedBytes | null, id: string]

/** `cursor` as text that says nothing to whoever gets it. */
export function encodeCursor({ query, registry, latest, key, id }: Cursor): string {
  const encodedKey = key instanceof Uint8Array ? { bytes: Buffer.from(key).toString('base64') } : key
  const encoded: EncodedCursor = [digest(query), registry, latest, encodedKey, id.toString()]
  return Buffer.from(JSON.stringify(encoded)).toString('base64url')
}

/** @throws INVALID_ARGUMENT for anything that is no cursor of this query and this registry. */
export function decodeCursor(text: string, { query, registry }: Pick<Cursor, 'query' | 'registry'>): Cursor {
  const encoded = parse(text)
  if (!isEncodedCursor(encoded)) throw invalid('the cursor is none that a listing gave')
  const [ofQuery, ofRegistry, latest, key, id] = encoded
  if (ofRegistry !== registry) throw invalid('the cursor is of another run of the gateway: list from the beginning')
  if (ofQuery !== digest(query)) throw invalid('the cursor is of another query: filters, order and direction must stay as they were')
  const decodedKey = typeof key === 'object' && key !== null ? new Uint8Array(Buffer.from(key.bytes, 'base64')) : key
  return { query, registry, latest, key: decodedKey, id: BigInt(id) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

function isEncodedCursor(value: unknown): value is EncodedCursor {
  if (!Array.isArray(value) || value.length !== 5) return false
  const [query, registry, latest, key, id] = value as unknown[]
  const isKey = key === null || typeof key === 'string' || typeof key === 'number' || isEncodedBytes(key)
  return typeof query === 'string' && typeof registry === 'string' && typeof latest === 'number' && isKey && isId(id)
}

function isEncodedBytes(value: unknown): value is EncodedBytes {
  return typeof value === 'object' && value !== null && 'bytes' in value && typeof value.bytes === 'string'
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && /^\d{1,20}$/.test(value)
}

/** FNV-1a: it tells mistakes apart, not attacks, which a cursor gives no hold to. */
function digest(text: string): string {
  let hash = 0x811c_9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193)
  return (hash >>> 0).toString(36)
}

function invalid(message: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', message)
}
