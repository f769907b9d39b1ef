import { describe, expect, it } from 'vitest'

import { utf8 } from './bytes.js'
import { encodeFrame } from './encode.js'
import { errorCodes, type FrontierErrorCode } from './error-codes.js'
import { decodeError, encodeError } from './error-frame.js'
import { Flag } from './frame-flag.js'
import { FrameType } from './frame-type.js'
import { FrontierError } from './frontier-error.js'
import { readFlags } from './header.js'
import { DEFAULT_MAX_FRAME_BYTES, MAX_REASON_BYTES } from './limits.js'

const { ANSWER, ACK, REFUSE, STREAM_RESET, GOODBYE } = FrameType

function travel(type: FrameType, error: FrontierError, isGateway = false): FrontierError {
  const bytes = encodeError(type, 1, error, isGateway)
  return decodeError(bytes, 0, bytes.length)
}

describe('an error that travels', () => {
  it.each(Object.keys(errorCodes) as FrontierErrorCode[])('keeps the code %s and its text', (code) => {
    for (const type of [ANSWER, ACK, REFUSE, STREAM_RESET, GOODBYE]) {
      expect(travel(type, new FrontierError(code, 'größer'))).toMatchObject({ code, reason: 'größer', origin: 'peer' })
    }
  })

  it('keeps delivered and retryable in ANSWER, ACK and REFUSE', () => {
    for (const type of [ANSWER, ACK, REFUSE]) {
      for (const delivered of ['no', 'maybe'] as const) {
        for (const retryable of [true, false]) {
          expect(travel(type, new FrontierError('REMOTE_ERROR', '', { delivered, retryable }))).toMatchObject({ delivered, retryable })
        }
      }
    }
  })

  it('has no ERROR flags in STREAM_RESET and GOODBYE: there the code says whether to retry', () => {
    const error = new FrontierError('EOF', 'gone', { delivered: 'maybe', retryable: false })
    expect(readFlags(encodeError(GOODBYE, 0, error, false), 0)).toBe(0)
    expect(travel(STREAM_RESET, error)).toMatchObject({ delivered: 'no', retryable: errorCodes.EOF.retryable })
  })

  it('says that the gateway made it', () => {
    for (const type of [ANSWER, GOODBYE]) expect(travel(type, new FrontierError('EOF', ''), true).origin).toBe('gateway')
  })

  it('is from whom the receiver says, when the flag does not name the gateway', () => {
    const bytes = encodeError(GOODBYE, 0, new FrontierError('KICKED', ''), false)
    expect(decodeError(bytes, 0, bytes.length, 'gateway').origin).toBe('gateway')
  })

  it('leaves its cause behind', () => {
    expect(travel(ANSWER, new FrontierError('REMOTE_ERROR', 'x', { cause: new Error('secret') })).cause).toBeUndefined()
  })

  it.each(['x', 'ä', '日', '😀'])('has a text of at most MAX_REASON_BYTES, cut between characters (%s)', (character) => {
    for (const shift of ['', '.', '..', '...']) {
      const bytes = encodeError(ANSWER, 1, new FrontierError('REMOTE_ERROR', shift + character.repeat(MAX_REASON_BYTES)), false)
      const { reason } = decodeError(bytes, 0, bytes.length)
      expect(bytes.length).toBeLessThan(DEFAULT_MAX_FRAME_BYTES)
      expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(MAX_REASON_BYTES)
      expect(new TextEncoder().encode(reason).length).toBeGreaterThan(MAX_REASON_BYTES - 4)
      expect(reason).not.toContain('\ufffd')
    }
  })

  it('is read where it lies in a chunk', () => {
    const frame = encodeError(ANSWER, 1, new FrontierError('TIMEOUT', 'late'), false)
    const chunk = new Uint8Array(frame.length + 8).fill(0xee)
    chunk.set(frame, 5)
    expect(decodeError(chunk, 5, 5 + frame.length)).toMatchObject({ code: 'TIMEOUT', reason: 'late' })
  })
})

describe('decodeError', () => {
  it('makes REMOTE_ERROR of a code it does not know, and keeps the code in the text', () => {
    const bytes = encodeFrame({ type: ANSWER, flags: Flag.ERROR | Flag.RETRYABLE, key: 'constructor', data: new TextEncoder().encode('x') })
    expect(decodeError(bytes, 0, bytes.length)).toMatchObject({ code: 'REMOTE_ERROR', reason: 'constructor: x', retryable: true })
  })

  it('makes REMOTE_ERROR without a text of an empty body', () => {
    const bytes = encodeFrame({ type: GOODBYE })
    expect(decodeError(bytes, 0, bytes.length)).toMatchObject({ code: 'REMOTE_ERROR', reason: '' })
  })

  it('replaces what is not UTF-8 in a text', () => {
    const bytes = encodeFrame({ type: ANSWER, flags: Flag.ERROR, key: 'EOF', data: new Uint8Array([0xff]) })
    expect(decodeError(bytes, 0, bytes.length).reason).toBe(utf8(new Uint8Array([0xff])))
  })
})
