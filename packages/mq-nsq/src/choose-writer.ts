/**
 * The one of `writers` that a key belongs to, by rendezvous hash over those that are up: a key keeps its nsqd while that is there, and one that goes away
 * moves only its own keys. Without a key any will do: `turn` decides.
 */
export function chooseWriter<W extends { readonly isUp: boolean; readonly address: { readonly name: string } }>(writers: readonly W[], key: string, turn: number): W | undefined {
  let best: W | undefined
  let bestScore = -1
  for (let at = 0; at < writers.length; at++) {
    const writer = writers[at]!
    if (!writer.isUp) continue
    const score = key === '' ? (at + turn) % writers.length : hash(key, hash(writer.address.name, 0x811c9dc5))
    if (score <= bestScore) continue
    best = writer
    bestScore = score
  }
  return best
}

// FNV-1a, and the last steps of murmur3: the ids of neighbours differ in their last digit only.
function hash(text: string, seed: number): number {
  let value = seed
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
