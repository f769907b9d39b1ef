import { FrontierError } from '@frontier/wire'

import type { OrderedPeer } from './peer-order.js'

/** Where a listing goes on: behind that place, among those that were there when it began. */
export interface Cursor {
  readonly place: OrderedPeer
  /** Unix milliseconds. */
  readonly begunAt: number
}

/** `cursor` as text that says nothing to whoever gets it. `query` is what it is a cursor of. */
export function encodeCursor(query: string, { place, begunAt }: Cursor): string {
  const { id, at, address, tag } = place
  const encodedTag = typeof tag === 'string' ? tag : { bytes: Buffer.from(tag).toString('base64') }
  return Buffer.from(JSON.stringify([query, id.toString(), at, address, encodedTag, begunAt])).toString('base64url')
}

/** @throws INVALID_ARGUMENT for anything that is no cursor of `query`. */
export function decodeCursor(query: string, text: string): Cursor {
  try {
    const [of, id, at, address, tag, begunAt] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string, number, string, string | { bytes: string }, number]
    if (of !== query || !/^\d{1,20}$/.test(id)) throw new Error('another query')
    const decodedTag = typeof tag === 'string' ? tag : new Uint8Array(Buffer.from(tag.bytes, 'base64'))
    return { place: { id: BigInt(id), at, address, tag: decodedTag }, begunAt }
  } catch (error) {
    throw new FrontierError('INVALID_ARGUMENT', 'after is not a cursor of this query', { cause: error })
  }
}
