import { describe, expect, it } from 'vitest'
import { pattern, sameBytes } from '../test/lane-pair.js'
import { Outbox } from './raw-stream-outbox.js'

describe('Outbox', () => {
  it('gives the bytes out in order, in other pieces than they came in', () => {
    const bytes = pattern(100_000)
    const outbox = new Outbox()
    const out = new Uint8Array(bytes.length)
    let put = 0
    let got = 0
    for (let i = 1; got < bytes.length; i++) {
      const length = Math.min((i * 61) % 701, bytes.length - put)
      outbox.push(bytes.subarray(put, put + length))
      put += length
      const taken = Math.min((i * 37) % 1200, outbox.bytes)
      outbox.moveInto(out, got, taken)
      got += taken
      expect(outbox.bytes).toBe(put - got)
    }
    expect(sameBytes(out, bytes)).toBe(true)
  })

  it('gives out a thousand small chunks at once', () => {
    const outbox = new Outbox()
    for (let i = 0; i < 1000; i++) outbox.push(pattern(3, i))
    const out = new Uint8Array(3002)
    outbox.moveInto(out, 2, 3000)
    expect([...out.subarray(2, 5), ...out.subarray(2999)]).toEqual([...pattern(3, 0), ...pattern(3, 999)])
  })
})
