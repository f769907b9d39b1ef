import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeError, encodeError, FIRST_IGNORED_TYPE, Flag, FrameType, FrontierError, parseBody, parseKey, splitBody, utf8 } from '../src/index.js'
import { cutAt, decodeAll, oneByOne, type Decoded } from './decode-all.js'
import { concat, decodeReference, encodeReference, splitReference, type ControlFrame } from './reference-codec.js'
import { encodeVector, framesOf, fromHex, vectorBytes, vectors, type Vector } from './vectors.js'

function expectDecoded(vector: Vector, decoded: Decoded): void {
  expect(decoded.frames).toEqual(framesOf(vector))
  const isBadFrame = vector.error !== undefined && vector.foundIn === 'frame'
  expect(decoded.error).toBe(isBadFrame ? vector.error : undefined)
  expect(decoded.left).toBe(vector.incompleteBytes ?? 0)
}

describe.each(vectors)('$file: $name', (vector) => {
  const bytes = fromHex(vector.hex)
  const frames = framesOf(vector)
  const last = frames.at(-1)

  it('decodes in one piece', () => {
    expectDecoded(vector, decodeAll([bytes.slice()]))
  })

  it('decodes one byte at a time', () => {
    expectDecoded(vector, decodeAll(oneByOne(bytes)))
  })

  it('decodes however it is split', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        expectDecoded(vector, decodeAll(cutAt(bytes, cuts)))
      }),
      { numRuns: 50 },
    )
  })

  it('means the same to the reference codec', () => {
    const reference = decodeReference(bytes)
    expect(reference.frames).toEqual(frames)
    expect(reference.isBad).toBe(vector.foundIn === 'frame')
  })

  if (vector.encode !== false) it('is what the encoder writes', () => {
    const isWhole = vector.foundIn !== 'frame' && vector.incompleteBytes === undefined
    for (const encoded of [concat(...encodeVector(vector)), concat(...frames.map(encodeReference))]) {
      expect(encoded).toEqual(isWhole ? bytes : bytes.slice(0, encoded.length))
    }
  })

  if (vector.frame !== undefined && last?.lane === 'control' && vector.frame.body === undefined) it('has the three parts it says', () => {
    const { key, meta, data } = parseBody(bytes, 0, bytes.length)
    const { frame } = vector
    expect([key, meta, data].map((part) => part.slice())).toEqual([vectorBytes(frame?.key), vectorBytes(frame?.meta), vectorBytes(frame?.data)])
    expect(parseKey(bytes, 0, bytes.length)).toBe(utf8(vectorBytes(frame?.key)))
  })

  if (vector.assembled !== undefined) it('is put together from its fragments', () => {
    const isPart = (flags: number) => frames.length === 1 || (flags & (Flag.MORE | Flag.CONT)) !== 0
    const fragments = frames.filter((frame): frame is ControlFrame => frame.lane === 'control' && isPart(frame.flags))
    const body = concat(...fragments.map((fragment) => fragment.body))
    const { assembled } = vector
    const expected = { key: vectorBytes(assembled?.key), meta: vectorBytes(assembled?.meta), data: vectorBytes(assembled?.data) }
    expect(splitBody(body)).toEqual(expected)
    expect(splitReference(body)).toEqual(expected)
    const first = encodeReference(fragments[0]!)
    expect(parseKey(first, 0, first.length)).toBe(utf8(expected.key))
  })

  if (vector.foundIn === 'key') it('is refused by whoever reads the key', () => {
    expect(() => parseKey(bytes, 0, bytes.length)).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }) as Error)
  })

  if (vector.foundIn === 'body') it('is refused by who reads the body; the key alone is fine', () => {
    expect(() => parseBody(bytes, 0, bytes.length)).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }) as Error)
    expect(splitReference((last as ControlFrame).body)).toBeUndefined()
    parseKey(bytes, 0, bytes.length)
  })

  if (vector.failure !== undefined) it('carries the error it says', () => {
    const { code, reason, delivered, retryable, origin } = vector.failure!
    const error = decodeError(bytes, 0, bytes.length)
    expect({ code: error.code, reason: error.reason, delivered: error.delivered, retryable: error.retryable, origin: error.origin }).toEqual(vector.failure)
    if (vector.encode === false || vector.frame?.key === '') return
    const { type, id } = last as ControlFrame
    const again = new FrontierError(code, reason, { delivered, retryable })
    expect(encodeError(type as FrameType, id, again, origin === 'gateway')).toEqual(bytes)
  })

  if (vector.then !== undefined) it('is a type that a link ignores, or closes for', () => {
    const { type } = last as ControlFrame
    expect(Object.values(FrameType)).not.toContain(type)
    expect(vector.then).toBe(type >= FIRST_IGNORED_TYPE ? 'ignored' : 'PROTOCOL_ERROR')
  })
})

describe('the set of vectors', () => {
  const controlFrames = vectors.filter((vector) => vector.error === undefined).flatMap(framesOf).filter((frame) => frame.lane === 'control')

  it.each(Object.entries(FrameType))('has a %s', (_name, type) => {
    expect(controlFrames.map((frame) => frame.type)).toContain(type)
  })

  it.each(Object.entries(Flag))('has the flag %s', (_name, flag) => {
    expect(controlFrames.some((frame) => (flag === Flag.TRACE ? frame.trace !== undefined : (frame.flags & flag) !== 0))).toBe(true)
  })

  it('has the fields the README lists and no others, and no name twice', () => {
    const fields = ['file', 'name', 'specSection', 'origin', 'hex', 'frame', 'frames', 'assembled', 'failure', 'then', 'encode', 'error', 'foundIn', 'incompleteBytes']
    expect(vectors.flatMap(Object.keys).filter((field) => !fields.includes(field))).toEqual([])
    expect(new Set(vectors.map(({ file, name }) => `${file} ${name}`)).size).toBe(vectors.length)
  })

  it('is written by hand for the better part', () => {
    expect(vectors.filter(({ origin }) => origin === 'hand').length).toBeGreaterThan(vectors.length / 2)
  })
})
