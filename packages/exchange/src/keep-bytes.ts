const SLAB_BYTES = 2048
/** Longer ones get a buffer of their own. */
const LONGEST_IN_SLAB_BYTES = 512

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
let used = 0

/**
 * A copy of `bytes[start, end)` for as long as anybody wants it. Short ones share a slab, which is never used twice: with a buffer of its own each takes 200 bytes and 0.4 us
 * more (docs/performance.md). The slab is small because one that is kept keeps all of it. A Buffer: client libraries of brokers want one, and would make it anew.
 */
export function keepBytes(bytes: Uint8Array, start: number, end: number): Buffer {
  const length = end - start
  if (length > LONGEST_IN_SLAB_BYTES) return copied(Buffer.allocUnsafeSlow(length), bytes, start, end)
  if (used + length > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
    used = 0
  }
  const kept = slab.subarray(used, used + length)
  used += length
  return copied(kept, bytes, start, end)
}

function copied(to: Buffer, bytes: Uint8Array, start: number, end: number): Buffer {
  // Not `set` of a view: the view costs more than the bytes.
  if (Buffer.isBuffer(bytes)) bytes.copy(to, 0, start, end)
  else to.set(bytes.subarray(start, end))
  return to
}
