const SLAB_BYTES = 16_384
/** Longer frames get a buffer of their own, so that little of a slab is wasted at its end. */
const LARGEST_SLAB_FRAME_BYTES = 2048

let slab = new Uint8Array(SLAB_BYTES)
let used = 0

/**
 * Zeroed room for one frame. Small frames are cut from a common slab, which is never used twice: a typed array of its own costs 0.6 us and work
 * for the garbage collector, a slice 0.12 us (bench/micro/wire.bench.ts).
 */
export function allocateFrame(length: number): Uint8Array {
  if (length > LARGEST_SLAB_FRAME_BYTES) return new Uint8Array(length)
  if (used + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES)
    used = 0
  }
  const start = used
  used += length
  return slab.subarray(start, used)
}
