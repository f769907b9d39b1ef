import { isDeepStrictEqual } from 'node:util'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeError, encodeFrame, encodeRawFrame, FrameType, FrontierError, isFrontierError, parseBody, parseKey, splitBody, toBytes, utf8 } from '../src/index.js'
import { cuts, damage, dataFrames, frames, keyText, noise, partsFrame, rawFrame } from './arbitraries.js'
import { cutAt, decodeAll, decodeInParts, inParts, oneByOne } from './decode-all.js'
import { concat, decodeReference, encodeReference, splitReference, type ControlFrame, type Frame } from './reference-codec.js'

// FRONTIER_NIGHTLY=1: a million frames and many more runs, some minutes long. fast-check prints the seed of what fails.
const isNightly = process.env['FRONTIER_NIGHTLY'] === '1'
const runs = { numRuns: isNightly ? 20_000 : 500 }
const timeout = isNightly ? 1_200_000 : 30_000

/** As toEqual, which takes most of the time of a million comparisons. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
}

function outcome<T>(run: () => T): T | 'PROTOCOL_ERROR' {
  try {
    return run()
  } catch (error) {
    if (isFrontierError(error) && error.code === 'PROTOCOL_ERROR') return error.code
    throw error
  }
}

function header({ type, flags, id, budgetMs, peer, trace }: ControlFrame) {
  return { type, flags, id, budgetMs, peer, ...(trace !== undefined && { trace }) }
}

describe('encoder', { timeout }, () => {
  it('writes frames with three parts as the reference does, and they come back', () => {
    fc.assert(
      fc.property(partsFrame, (frame) => {
        const { key, meta, data, ...asRaw } = frame
        const bytes = encodeFrame({ ...header(frame), key, meta, data })
        expectEqual(bytes, encodeReference(frame))
        expectEqual(decodeAll([bytes.slice()]).frames, [asRaw])
        expectEqual(plain(parseBody(bytes, 0, bytes.length)), { key, meta, data })
      }),
      runs,
    )
  })

  it('writes frames with a body of their own as the reference does, and they come back', () => {
    fc.assert(
      fc.property(rawFrame, (frame) => {
        const bytes = encodeRawFrame({ ...header(frame), body: frame.body })
        expectEqual(bytes, encodeReference(frame))
        expectEqual(decodeAll([bytes.slice()]).frames, [frame])
      }),
      runs,
    )
  })

  it('keeps every name as it is', () => {
    fc.assert(
      fc.property(keyText, (name) => {
        const bytes = encodeFrame({ type: FrameType.CALL, key: name })
        expect(parseKey(bytes, 0, bytes.length)).toBe(name)
        expectEqual(toBytes(name), new TextEncoder().encode(name))
      }),
      runs,
    )
  })
})

function plain(body: { key: Uint8Array; meta: Uint8Array; data: Uint8Array }) {
  return { key: body.key.slice(), meta: body.meta.slice(), data: body.data.slice() }
}

describe('decoder', { timeout }, () => {
  it('gives the same frames whatever the chunks are', () => {
    fc.assert(
      fc.property(frames, cuts, (sequence, places) => {
        const bytes = concat(...sequence.map(encodeReference))
        for (const chunks of [[bytes.slice()], cutAt(bytes, places), oneByOne(bytes)]) {
          const decoded = decodeAll(chunks)
          expectEqual(decoded.frames, sequence)
          expect(decoded.left).toBe(0)
        }
      }),
      { numRuns: isNightly ? 2000 : 50 },
    )
  })

  it('gives the same bytes in parts, whatever the chunks are, to a sink that takes parts', () => {
    fc.assert(
      fc.property(fc.oneof(frames, dataFrames), cuts, (sequence, places) => {
        const bytes = concat(...sequence.map(encodeReference))
        for (const chunks of [[bytes.slice()], cutAt(bytes, places), oneByOne(bytes)]) {
          expectEqual(decodeInParts(chunks), { told: inParts(sequence), isWithinFrame: false, error: undefined })
        }
        if (bytes.length > 0) {
          const cutOff = decodeInParts(cutAt(bytes.subarray(0, -1), places))
          expect(cutOff.isWithinFrame).toBe(true)
        }
      }),
      { numRuns: isNightly ? 2000 : 100 },
    )
  })

  it('makes of damaged frames in parts the same errors, and nothing that was not there', () => {
    fc.assert(
      fc.property(fc.oneof(frames, dataFrames), damage, cuts, (sequence, changes, places) => {
        const bytes = concat(...sequence.map(encodeReference))
        for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value
        const reference = decodeReference(bytes)
        const decoded = decodeInParts(cutAt(bytes, places))
        expect(decoded.error).toBe(reference.isBad ? 'PROTOCOL_ERROR' : undefined)
        const whole = inParts(reference.frames)
        // Beyond the whole frames there may be the begin of one more body, which joins one before it.
        expectEqual(decoded.told.slice(0, Math.max(0, whole.length - 1)), whole.slice(0, -1))
        expect(decoded.told.length).toBeLessThanOrEqual(whole.length + 1)
      }),
      runs,
    )
  })

  it('makes of any bytes only frames or PROTOCOL_ERROR, as the reference does', () => {
    fc.assert(
      fc.property(noise, cuts, (bytes, places) => {
        expectAsReference(bytes, places)
      }),
      runs,
    )
  })

  it('makes of damaged frames only frames or PROTOCOL_ERROR, as the reference does', () => {
    fc.assert(
      fc.property(frames, damage, cuts, (sequence, changes, places) => {
        const bytes = concat(...sequence.map(encodeReference))
        for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value
        expectAsReference(bytes, places)
      }),
      runs,
    )
  })

  it('never holds more than maxFrameBytes', () => {
    fc.assert(
      fc.property(fc.oneof(noise, frames.map((sequence) => concat(...sequence.map(encodeReference)))), cuts, fc.integer({ min: 24, max: 120 }), (bytes, places, limit) => {
        const decoded = decodeAll(cutAt(bytes, places), limit)
        const reference = decodeReference(bytes, limit)
        expectEqual(decoded.frames, reference.frames)
        expect(decoded.error !== undefined).toBe(reference.isBad)
        expect(decoded.mostBuffered).toBeLessThanOrEqual(limit)
      }),
      runs,
    )
  })

  it.runIf(isNightly)('takes a million frames', () => {
    let count = 0
    const check = (sequence: Frame[], places: number[]) => {
      const bytes = concat(...sequence.map(encodeReference))
      expectEqual(decodeAll(cutAt(bytes, places)).frames, sequence)
      count += sequence.length
    }
    while (count < 1_000_000) fc.assert(fc.property(frames, cuts, check), { numRuns: 1000 })
  })
})

function expectAsReference(bytes: Uint8Array, places: readonly number[]): void {
  const reference = decodeReference(bytes)
  const decoded = decodeAll(cutAt(bytes, places))
  expectEqual(decoded.frames, reference.frames)
  expect(decoded.error).toBe(reference.isBad ? 'PROTOCOL_ERROR' : undefined)
  expect(decoded.left).toBe(reference.isBad ? 0 : reference.left)
}

describe('bodies', { timeout }, () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    // Lengths that are near what is there.
    fc.tuple(fc.nat(20), fc.nat(20), fc.uint8Array({ maxLength: 50 })).map(([key, meta, rest]) => {
      const bytes = concat(new Uint8Array([0, key]), rest)
      if (2 + key + 4 <= bytes.length) bytes.set([0, 0, 0, meta], 2 + key)
      return bytes
    }),
  )

  it('splits any bytes as the reference does, or throws PROTOCOL_ERROR', () => {
    fc.assert(
      fc.property(body, (bytes) => {
        expectEqual(
          outcome(() => plain(splitBody(bytes))),
          splitReference(bytes) ?? 'PROTOCOL_ERROR',
        )
      }),
      runs,
    )
  })

  it('finds the same key where a frame is whole, or throws PROTOCOL_ERROR', () => {
    fc.assert(
      fc.property(body, (bytes) => {
        const frame = encodeRawFrame({ type: FrameType.CALL, body: bytes })
        const key = outcome(() => parseKey(frame, 0, frame.length))
        const reference = splitReference(bytes)
        if (reference !== undefined && key !== 'PROTOCOL_ERROR') expect(key).toBe(utf8(reference.key))
      }),
      runs,
    )
  })

  it('reads any error frame as an error, or throws PROTOCOL_ERROR', () => {
    fc.assert(
      fc.property(body, fc.nat(0xffff), (bytes, flags) => {
        const frame = encodeRawFrame({ type: FrameType.ANSWER, flags, body: bytes })
        const error = outcome(() => decodeError(frame, 0, frame.length))
        if (error !== 'PROTOCOL_ERROR') expect(error).toBeInstanceOf(FrontierError)
      }),
      runs,
    )
  })
})
