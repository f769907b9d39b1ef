import { byteSearch } from './byte-search.js'
import type { Pacer } from './pacer.js'
import type { PeerRecord } from './peer-role.js'
import type { Roster } from './roster.js'
import { setBit, type Bitmap } from './slot-set.js'

const LOOKED_AT_ONCE = 64

/** What a scan has found. */
export interface Scan {
  /** Sets the bits of those found that are still there. */
  markIn(bitmap: Bitmap): void
}

/** Looks for `bytes` in the tags of all that are online now, in slices. */
export async function scanMetas<R extends PeerRecord>({ table, role }: Roster<R>, bytes: Uint8Array, pacer: Pacer): Promise<Scan> {
  const latest = table.lastArrival
  const found: number[] = []
  const contains = byteSearch(bytes)
  function* look(): Generator<undefined, void> {
    const records = table.snapshot()
    for (let slot = 0; slot < records.length; slot++) {
      if (slot % LOOKED_AT_ONCE === 0) yield
      const record = records[slot]
      const tag = record && role.tag(record)
      if (tag instanceof Uint8Array && contains(tag)) found.push(slot)
    }
  }
  await pacer.run(look())
  return {
    markIn(bitmap) {
      for (const slot of found) {
        const arrival = table.arrival(slot)
        // Who came during the scan may have the slot of somebody who was found and went.
        if (arrival > 0 && arrival <= latest) setBit(bitmap, slot)
      }
    },
  }
}
