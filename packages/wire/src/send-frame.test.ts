import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrame } from './encode.js'
import { FrameType } from './frame-type.js'
import { sendAck, sendAnswer, sendRequest } from './send-frame.js'

/** Keeps what is sent. */
class Outlet {
  readonly pieces: { bytes: Uint8Array; start: number; end: number }[] = []

  get frames(): Uint8Array[] {
    return this.pieces.map(({ bytes, start, end }) => bytes.subarray(start, end))
  }

  send(bytes: Uint8Array, start: number, end: number): void {
    this.pieces.push({ bytes, start, end })
  }
}

const part = fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 5000, size: 'max' }))

describe('frames written where they leave from', () => {
  it('are those of encodeFrame: requests', () => {
    const u32 = fc.nat(0xffff_ffff)
    const request = fc.record({ id: u32, key: fc.uint8Array({ minLength: 1, maxLength: 100 }), meta: part, data: part })
    fc.assert(
      fc.property(request, fc.record({ peerHigh: u32, peerLow: u32 }), u32, (fields, target, budgetMs) => {
        const outlet = new Outlet()
        const head = { type: FrameType.MESSAGE, flags: 0x80 }
        sendRequest(outlet, { ...head, ...fields }, target, budgetMs)
        const peer = (BigInt(target.peerHigh) << 32n) | BigInt(target.peerLow)
        expect(outlet.frames).toEqual([encodeFrame({ ...head, ...fields, peer, budgetMs })])
      }),
    )
  })

  it('are those of encodeFrame: answers and acks', () => {
    fc.assert(
      fc.property(part, part, fc.nat(0xffff_ffff), (meta, data, id) => {
        const outlet = new Outlet()
        sendAnswer(outlet, id, meta, data)
        sendAck(outlet, id)
        expect(outlet.frames).toEqual([encodeFrame({ type: FrameType.ANSWER, id, meta, data }), encodeFrame({ type: FrameType.ACK, id })])
      }),
    )
  })

  it('lie side by side as long as they are small, so that they leave as one piece', () => {
    const outlet = new Outlet()
    for (let id = 1; id <= 1000; id++) sendAck(outlet, id)
    const seams = outlet.pieces.filter(({ bytes, start }, at) => at > 0 && (outlet.pieces[at - 1]!.bytes !== bytes || outlet.pieces[at - 1]!.end !== start))
    expect(seams.length).toBeLessThan(4)
  })
})
