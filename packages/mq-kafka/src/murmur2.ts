const M = 0x5bd1e995

/** Kafka's hash of keys, as Java's clients have it, made positive as they make it. kafkajs has one on 64-bit objects, which takes 1.7 µs instead of 0.04. */
export function murmur2(key: Uint8Array): number {
  const { length } = key
  let h = 0x9747b28c ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    let k = key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24)
    k = Math.imul(k, M)
    k = Math.imul(k ^ (k >>> 24), M)
    h = Math.imul(h, M) ^ k
  }
  const rest = length - at
  if (rest > 2) h ^= key[at + 2]! << 16
  if (rest > 1) h ^= key[at + 1]! << 8
  if (rest > 0) h = Math.imul(h ^ key[at]!, M)
  h = Math.imul(h ^ (h >>> 13), M)
  return (h ^ (h >>> 15)) & 0x7fffffff
}
