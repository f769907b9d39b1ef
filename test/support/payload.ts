import { createHash, type Hash } from 'node:crypto'

const BLOCK_BYTES = 262_144

/** `length` bytes that look random, and are the same for the same seed. */
export function payload(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = Math.imul(seed, 0x9e37_79b1) | 1
  for (let at = 0; at < words.length; at++) {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[at] = state
  }
  return new Uint8Array(words.buffer, 0, length)
}

/**
 * The blocks of a long stream of bytes, none like the other. All of them are one buffer, which is written anew for each: whoever takes a block must have
 * taken all of it before the next is asked for.
 */
export function* blocks(totalBytes: number, seed = 1): Generator<Uint8Array> {
  const block = payload(BLOCK_BYTES, seed)
  const view = new DataView(block.buffer)
  for (let sent = 0; sent < totalBytes; sent += BLOCK_BYTES) {
    for (let at = 0; at < BLOCK_BYTES; at += 4096) view.setUint32(at, sent / BLOCK_BYTES)
    yield block.subarray(0, Math.min(BLOCK_BYTES, totalBytes - sent))
  }
}

/** SHA-256 of all that `source` yields, and how much it was. */
export async function digest(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of source) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** SHA-256 as hex; a hash that goes on can be given instead of bytes. */
export function sha256(data: Uint8Array | Hash): string {
  return (data instanceof Uint8Array ? createHash('sha256').update(data) : data).digest('hex')
}
