import { describe, expect, it } from 'vitest'

import { parseBody, parseKey } from './body.js'
import { EMPTY } from './bytes.js'
import { checkedKey, encodeBodyPrefix, encodeFrame, encodeRawFrame } from './encode.js'
import { Flag } from './frame-flag.js'
import { FrameType } from './frame-type.js'
import { bodyOffset, readBodyLength, readBudgetMs, readFlags } from './header.js'
import { HEADER_BYTES, MAX_KEY_BYTES, NO_BUDGET } from './limits.js'

const data = new Uint8Array([1, 2, 3])
const invalidArgument = expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error

describe('encodeFrame', () => {
  it('has a header alone when all parts are empty', () => {
    expect(encodeFrame({ type: FrameType.CANCEL })).toHaveLength(HEADER_BYTES)
    expect(encodeFrame({ type: FrameType.CALL, key: '', meta: EMPTY, data: EMPTY })).toHaveLength(HEADER_BYTES)
  })

  it('has no budget unless one is given', () => {
    expect(readBudgetMs(encodeFrame({ type: FrameType.CALL }), 0)).toBe(NO_BUDGET)
    expect(readBudgetMs(encodeFrame({ type: FrameType.CALL, budgetMs: 0 }), 0)).toBe(0)
    expect(readBudgetMs(encodeFrame({ type: FrameType.CALL, budgetMs: -3 }), 0)).toBe(0)
    expect(readBudgetMs(encodeFrame({ type: FrameType.CALL, budgetMs: Infinity }), 0)).toBe(NO_BUDGET)
  })

  it('copies: what was given may be changed afterwards', () => {
    const payload = data.slice()
    const bytes = encodeFrame({ type: FrameType.CALL, key: 'k', data: payload })
    payload.fill(0)
    expect(parseBody(bytes, 0, bytes.length).data).toEqual(data)
  })

  it('takes a key of 1,024 bytes, not one more, counted in bytes', () => {
    const key = 'ä'.repeat(MAX_KEY_BYTES / 2)
    const bytes = encodeFrame({ type: FrameType.CALL, key })
    expect(parseKey(bytes, 0, bytes.length)).toBe(key)
    expect(() => encodeFrame({ type: FrameType.CALL, key: `${key}x` })).toThrow(invalidArgument)
    expect(() => checkedKey(new Uint8Array(MAX_KEY_BYTES + 1))).toThrow('1025')
  })

  it.each([0, 25, 27])('refuses a trace field of %s bytes', (length) => {
    const trace = new Uint8Array(length)
    expect(() => encodeFrame({ type: FrameType.CALL, trace })).toThrow(invalidArgument)
    expect(() => encodeRawFrame({ type: FrameType.CALL, trace })).toThrow(invalidArgument)
  })

  it('has the TRACE flag exactly when it has a trace field, whatever the flags say', () => {
    const without = encodeFrame({ type: FrameType.ANSWER, flags: Flag.TRACE | Flag.ERROR, key: 'EOF' })
    expect(readFlags(without, 0)).toBe(Flag.ERROR)
    expect(parseKey(without, 0, without.length)).toBe('EOF')
    expect(readFlags(encodeFrame({ type: FrameType.CALL, trace: new Uint8Array(26) }), 0)).toBe(Flag.TRACE)
  })
})

describe('encodeRawFrame', () => {
  it('puts the body behind the header as it is', () => {
    const bytes = encodeRawFrame({ type: FrameType.DATA, body: data })
    expect(bytes.subarray(bodyOffset(bytes, 0))).toEqual(data)
    expect(readBodyLength(bytes, 0)).toBe(3)
  })
})

describe('encodeBodyPrefix', () => {
  it('and the payload behind it are the body of encodeFrame', () => {
    const [key, meta] = [new Uint8Array([0x6b]), new Uint8Array([0x6d, 0x6d])]
    const whole = encodeFrame({ type: FrameType.CALL, key, meta, data })
    expect(new Uint8Array([...encodeBodyPrefix(key, meta), ...data])).toEqual(whole.slice(HEADER_BYTES))
  })
})
