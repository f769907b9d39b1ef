import type { Peer } from '@frontier/exchange'
import { encodeFrame, FrameType, HEADER_BYTES } from '@frontier/wire'

// What the packages do not export is taken as it was built: a surface for the bench alone would be one too many.
import { IdTable } from '../../../packages/exchange/dist/id-table.js'
import { RouteTable } from '../../../packages/exchange/dist/route-table.js'
import { used, type MicroTask } from './micro-task.js'

const SIZES = [10, 1000, 100_000] as const
/** Looked up in turn, so that the processor's cache does not know the one entry by heart. */
const ASKED = 64
const KEY_AT = HEADER_BYTES + 2

/** Finding who gets a frame, by the name or the id in it, among few and many. */
export const lookup: readonly MicroTask[] = SIZES.flatMap((size) => [routeOf(size), peerOf(size)])

function routeOf(size: number): MicroTask {
  const table = new RouteTable()
  const peer = { id: 1n } as unknown as Peer
  for (let i = 0; i < size; i++) table.add(`service.method-${i}`, peer)
  const frames = spread(size, (i) => encodeFrame({ type: FrameType.CALL, id: 1, key: `service.method-${i}` }))
  return {
    group: 'find a route by its name',
    name: `among ${size.toLocaleString('en-US')}`,
    run(count) {
      for (let i = 0; i < count; i++) {
        const frame = frames[i % ASKED]!
        used.sum += table.find(frame, KEY_AT, frame[HEADER_BYTES + 1]!)!.version
      }
    },
  }
}

function peerOf(size: number): MicroTask {
  const table = new IdTable<number>()
  for (let i = 0; i < size; i++) table.set((7n << 32n) + BigInt(i), i)
  const ids = spread(size, (i) => i)
  return {
    group: 'find a peer by its id',
    name: `among ${size.toLocaleString('en-US')}`,
    run(count) {
      for (let i = 0; i < count; i++) used.sum += table.find(7, ids[i % ASKED]!)!
    },
  }
}

/** Some of `size` things, far from one another. */
function spread<T>(size: number, make: (index: number) => T): T[] {
  return Array.from({ length: ASKED }, (_, index) => make((index * 7919) % size))
}
