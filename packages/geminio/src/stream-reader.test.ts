import { describe, expect, it } from 'vitest'
import { StreamReader } from './stream-reader.js'

describe('StreamReader', () => {
  it('keeps nothing of what was read, also when the reader is never quite done', async () => {
    const reader = new StreamReader(() => undefined)
    const read: WeakRef<Uint8Array>[] = []
    reader.push(new Uint8Array(1))
    for (let count = 0; count < 3000; count++) {
      const chunk = new Uint8Array(8)
      read.push(new WeakRef(chunk))
      reader.push(chunk)
      await reader.read()
    }
    // One is still unread, and the test itself may hold the last.
    await new Promise(setImmediate)
    globalThis.gc!()
    expect(read.slice(0, -2).filter((ref) => ref.deref() !== undefined)).toHaveLength(0)
    expect(reader.bytes).toBe(8)
  })

  it('gives chunks in order, then the end', async () => {
    const reader = new StreamReader(() => undefined)
    for (let at = 0; at < 2500; at++) reader.push(Uint8Array.of(at & 0xff, at >> 8))
    reader.end()
    for (let at = 0; at < 2500; at++) expect((await reader.read()).value).toEqual(Uint8Array.of(at & 0xff, at >> 8))
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })
})
