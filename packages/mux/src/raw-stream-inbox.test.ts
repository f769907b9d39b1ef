import { describe, expect, it } from 'vitest'
import { pattern, sameBytes } from '../test/lane-pair.js'
import { Inbox } from './raw-stream-inbox.js'

function drain(inbox: Inbox): Uint8Array {
  const chunks: Uint8Array[] = []
  for (let chunk = inbox.shift(); chunk !== undefined; chunk = inbox.shift()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('Inbox', () => {
  it('gives back what was put in, whatever the sizes', () => {
    const bytes = pattern(300_000)
    const inbox = new Inbox()
    let at = 0
    for (let i = 0; at < bytes.length; i++) {
      const length = Math.min((i * 997) % 40_000, bytes.length - at)
      inbox.push(bytes.subarray(at, at + length))
      at += length
    }
    expect(inbox.bytes).toBe(bytes.length)
    expect(sameBytes(drain(inbox), bytes)).toBe(true)
    expect(inbox.bytes).toBe(0)
  })

  it('may be filled while it is emptied', () => {
    const inbox = new Inbox()
    inbox.push(pattern(10, 1))
    expect(inbox.shift()).toEqual(pattern(10, 1))
    inbox.push(pattern(20, 2))
    inbox.push(pattern(30, 3))
    expect(sameBytes(drain(inbox), Buffer.concat([pattern(20, 2), pattern(30, 3)]))).toBe(true)
  })

  it('takes little more memory than the bytes, however small the pieces, and pins no chunk they came in', () => {
    const inbox = new Inbox()
    for (let i = 0; i < 262_144; i++) inbox.push(Uint8Array.of(i))
    const blocks: Uint8Array[] = []
    for (let block = inbox.shift(); block !== undefined; block = inbox.shift()) blocks.push(block)
    expect(blocks.length).toBeLessThan(30)
    expect(blocks.reduce((sum, block) => sum + block.buffer.byteLength, 0)).toBeLessThan(400_000)
  })
})
