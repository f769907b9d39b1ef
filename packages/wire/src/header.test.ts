import { describe, expect, it } from 'vitest'

import { encodeFrame } from './encode.js'
import { Flag } from './frame-flag.js'
import { FrameType } from './frame-type.js'
import {
  bodyOffset,
  readBodyLength,
  readBudgetMs,
  readFlags,
  readId,
  readPeer,
  readPeerHigh,
  readPeerLow,
  readType,
  readU16,
  readU32,
  writeBudgetMs,
  writeFlags,
  writeId,
  writePeerParts,
  writeU16,
  writeU32,
} from './header.js'
import { NO_BUDGET } from './limits.js'

/** A frame behind three other bytes, so that an offset that is not added shows. */
function frameAtThree(): Uint8Array {
  const frame = encodeFrame({ type: FrameType.CALL, flags: Flag.MORE, id: 0x8000_0001, budgetMs: 1000, peer: 0x8000_0002_8000_0003n, key: 'k' })
  const bytes = new Uint8Array(3 + frame.length).fill(0xee)
  bytes.set(frame, 3)
  return bytes
}

describe('readers', () => {
  it('read every field at an offset, upper bits included', () => {
    const bytes = frameAtThree()
    expect(readType(bytes, 3)).toBe(FrameType.CALL)
    expect(readFlags(bytes, 3)).toBe(Flag.MORE)
    expect(readBodyLength(bytes, 3)).toBe(7)
    expect(readId(bytes, 3)).toBe(0x8000_0001)
    expect(readBudgetMs(bytes, 3)).toBe(1000)
    expect(readPeerHigh(bytes, 3)).toBe(0x8000_0002)
    expect(readPeerLow(bytes, 3)).toBe(0x8000_0003)
    expect(readPeer(bytes, 3)).toBe(0x8000_0002_8000_0003n)
  })

  it('find the body behind the header, and behind the trace field if there is one', () => {
    expect(bodyOffset(frameAtThree(), 3)).toBe(27)
    const traced = encodeFrame({ type: FrameType.CALL, trace: new Uint8Array(26) })
    expect(bodyOffset(traced, 0)).toBe(50)
  })
})

describe('writers', () => {
  /** All bytes but `from` to `to` must be as before. */
  function expectOnly(change: (bytes: Uint8Array) => void, from: number, to: number): Uint8Array {
    const before = frameAtThree()
    const after = before.slice()
    change(after)
    expect(after.subarray(0, 3 + from)).toEqual(before.subarray(0, 3 + from))
    expect(after.subarray(3 + to)).toEqual(before.subarray(3 + to))
    return after
  }

  it('writeFlags touches the flags alone', () => {
    expect(readFlags(expectOnly((bytes) => { writeFlags(bytes, 3, 0xffff) }, 2, 4), 3)).toBe(0xffff)
  })

  it('writeId touches the id alone', () => {
    expect(readId(expectOnly((bytes) => { writeId(bytes, 3, 0xffff_ffff) }, 8, 12), 3)).toBe(0xffff_ffff)
  })

  it('writeBudgetMs touches the budget alone', () => {
    expect(readBudgetMs(expectOnly((bytes) => { writeBudgetMs(bytes, 3, 5) }, 12, 16), 3)).toBe(5)
  })

  it('writePeerParts touches the peer alone', () => {
    expect(readPeer(expectOnly((bytes) => { writePeerParts(bytes, 3, 0xffff_ffff, 1) }, 16, 24), 3)).toBe(0xffff_ffff_0000_0001n)
  })

  it.each([
    [-1, 0],
    [-0.5, 0],
    [Number.NaN, 0],
    [0.9, 0],
    [1.9, 1],
    [2 ** 32, NO_BUDGET],
    [2 ** 40 + 7, NO_BUDGET],
    [Infinity, NO_BUDGET],
  ])('a budget of %s ms is written as %s: time that is overdrawn never becomes time without end', (budgetMs, written) => {
    const bytes = frameAtThree()
    writeBudgetMs(bytes, 3, budgetMs)
    expect(readBudgetMs(bytes, 3)).toBe(written)
  })
})

describe('numbers', () => {
  it.each([0, 1, 0x7fff, 0x8000, 0xffff])('u16 %s comes back', (value) => {
    const bytes = new Uint8Array(4).fill(0xee)
    writeU16(bytes, 1, value)
    expect(readU16(bytes, 1)).toBe(value)
    expect([bytes[0], bytes[3]]).toEqual([0xee, 0xee])
  })

  it.each([0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])('u32 %s comes back', (value) => {
    const bytes = new Uint8Array(6).fill(0xee)
    writeU32(bytes, 1, value)
    expect(readU32(bytes, 1)).toBe(value)
    expect([bytes[0], bytes[5]]).toEqual([0xee, 0xee])
  })
})
