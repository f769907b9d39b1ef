import { FrontierError } from '@frontier/wire'

/** Where a listing goes on: behind the entry with this key and id. */
export interface Cursor {
  /** Which listing and order it belongs to, as `edges -online_at`. */
  readonly of: string
  /** What the last entry handed out was ordered by; numbers and ids as decimal text, bytes as base64. */
  readonly key: string
  readonly id: bigint
  /** When the listing began, in Unix milliseconds: who came later is not in it, so that nobody is met again who went and came back. */
  readonly begunAt: number
}

/** Longest text that is looked at: a meta of a hello fits. */
const MAX_CHARS = 600_000

/** A cursor as text that nobody has to understand. */
export function encodeCursor({ of, key, id, begunAt }: Cursor): string {
  return Buffer.from(JSON.stringify([of, key, id.toString(), begunAt])).toString('base64url')
}

/** The cursor in `text`. @throws INVALID_ARGUMENT when it is none, or one of another listing than `of`. */
export function decodeCursor(text: string, of: string): Cursor {
  const parts = text.length > MAX_CHARS ? undefined : parse(text)
  if (!Array.isArray(parts)) throw notACursor()
  const [from, key, id, begunAt] = parts as unknown[]
  const isWhole = typeof from === 'string' && typeof key === 'string' && typeof id === 'string' && /^\d{1,20}$/.test(id) && Number.isSafeInteger(begunAt)
  if (!isWhole) throw notACursor()
  if (from !== of) throw new FrontierError('INVALID_ARGUMENT', 'the cursor is one of a listing in another order')
  return { of, key, id: BigInt(id), begunAt: begunAt as number }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

function notACursor(): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', 'cursor is not one that this gateway gave')
}
