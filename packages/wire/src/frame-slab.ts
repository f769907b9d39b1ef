const SLAB_BYTES = 16_384
/** Longer frames get a buffer of their own, so that little of a slab is wasted at its end. */
const LARGEST_SLAB_FRAME_BYTES = 2048

let slab = new Uint8Array(SLAB_BYTES)
let used = 0

/**
 * Zeroed room for one frame. Small frames are cut from a common slab, which is never used twice: a typed array of its own costs 0.6 us and work
 * for the garbage collector, a slice 0.12 us (docs/performance.md).
 */
export function allocateFrame(length: number): Uint8Array {
  const start = claimFrame(length)
  return frameRoom.length === length ? frameRoom : frameRoom.subarray(start, start + length)
}

/** The buffer that has the room claimed last. */
export let frameRoom: Uint8Array = slab

/**
 * Where room for one frame begins in {@link frameRoom}: as {@link allocateFrame}, without a view of its own. Small frames made one after the other
 * lie side by side, so that a queue hands all of them on as one piece (docs/performance.md).
 */
export function claimFrame(length: number): number {
  if (length > LARGEST_SLAB_FRAME_BYTES) {
    frameRoom = new Uint8Array(length)
    return 0
  }
  if (used + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES)
    used = 0
  }
  frameRoom = slab
  const start = used
  used += length
  return start
}
