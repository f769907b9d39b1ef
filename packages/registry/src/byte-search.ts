/** Longer than this, the search of the platform is as quick; shorter, calling it takes longer than looking (docs/decisions/registry-backends.md). */
const MAX_SHORT = 256

/** Tests whether `wanted` is somewhere in bytes; made once for many. */
export function byteSearch(wanted: Uint8Array): (bytes: Uint8Array) => boolean {
  const pattern = Buffer.from(wanted)
  const last = pattern.length - 1
  // Horspool: how far the pattern can be moved on, by the byte that stands below its last one.
  const shifts = new Uint32Array(256).fill(pattern.length)
  for (let at = 0; at < last; at++) shifts[pattern[at]!] = last - at
  return (bytes) => {
    if (last < 0) return true
    if (bytes.length > MAX_SHORT) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(pattern)
    for (let end = last; end < bytes.length; end += shifts[bytes[end]!]!) {
      let back = 0
      while (back <= last && bytes[end - back] === pattern[last - back]) back++
      if (back > last) return true
    }
    return false
  }
}
