import { encodeFragments, encodeFrame, Flag, FrameType, parseKey, readBodyLength, readFlags, readId, readType } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { FragmentedBody } from './fragmented-body.js'

const data = new Uint8Array(1000).map((_, i) => i)

describe('encodeFragments', () => {
  it('is one plain frame when it fits', () => {
    const fields = { type: FrameType.OPEN, id: 3, key: 'svc', meta: data.slice(0, 10) }
    expect(encodeFragments(fields, 1024)).toEqual([encodeFrame(fields)])
  })

  it('cuts at the frame size and is put together again', () => {
    const frames = encodeFragments({ type: FrameType.OPEN, id: 3, peer: 9n, key: 'svc', meta: data }, 300)
    expect(frames.length).toBe(4)
    const body = new FragmentedBody(2000)
    for (const [index, frame] of frames.entries()) {
      expect(frame.length).toBeLessThanOrEqual(300)
      expect([readType(frame, 0), readId(frame, 0), readBodyLength(frame, 0)]).toEqual([FrameType.OPEN, 3, frame.length - 24])
      const isLast = index === frames.length - 1
      expect(readFlags(frame, 0)).toBe((index > 0 ? Flag.CONT : 0) | (isLast ? 0 : Flag.MORE))
      const whole = body.add(frame, 0, frame.length)
      expect(whole === undefined).toBe(!isLast)
      if (whole !== undefined) expect(whole.meta).toEqual(data)
    }
    expect(parseKey(frames[0]!, 0, frames[0]!.length)).toBe('svc')
  })

  it('stops collecting above the limit', () => {
    const frames = encodeFragments({ type: FrameType.OPEN, id: 3, meta: data }, 300)
    const body = new FragmentedBody(500)
    body.add(frames[0]!, 0, 300)
    expect(() => body.add(frames[1]!, 0, 300)).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }))
  })
})
