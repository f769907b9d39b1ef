import fc from 'fast-check'

import { FrameType, MAX_KEY_BYTES, NO_BUDGET, TRACE_BYTES } from '../src/index.js'
import { joinReference, type ControlFrame, type Frame, type Parts, type StreamFrame } from './reference-codec.js'

const u16 = fc.nat(0xffff)
const u32 = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff))
const u64 = fc.oneof(fc.bigInt(0n, 0xffff_ffff_ffff_ffffn), fc.constantFrom(0n, 1n, 0xffff_ffffn, 0x1_0000_0000n, 0xffff_ffff_ffff_ffffn))
/** The decoder cares for no type, so unknown ones are among them. */
const type = fc.oneof(fc.constantFrom(...Object.values(FrameType)), fc.nat(0xff))
/** All flags but TRACE, unknown ones included. */
const flags = u16.map((bits) => bits & ~0x0004)
const bytes = (maxLength: number) => fc.uint8Array({ maxLength })

/** Any text that has a UTF-8 form, short or up to the longest key. */
export const keyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.nat(MAX_KEY_BYTES).map((length) => 'k'.repeat(length)),
)

export const parts: fc.Arbitrary<Parts> = fc.record({
  key: keyText.map((text) => new TextEncoder().encode(text)),
  meta: bytes(40),
  data: fc.oneof(bytes(40), bytes(1000)),
})

const header = {
  lane: fc.constant('control' as const),
  type,
  flags,
  id: u32,
  budgetMs: fc.oneof(u32, fc.constant(NO_BUDGET)),
  peer: u64,
  trace: fc.option(fc.uint8Array({ minLength: TRACE_BYTES, maxLength: TRACE_BYTES }), { nil: undefined }),
}

/** A control frame with any bytes as its body. */
export const rawFrame: fc.Arbitrary<ControlFrame> = fc.record({ ...header, body: bytes(60) })

/** A control frame with a body of three parts. */
export const partsFrame: fc.Arbitrary<ControlFrame & Parts> = fc
  .tuple(fc.record(header), parts)
  .map(([fields, threeParts]) => ({ ...fields, ...threeParts, body: joinReference(threeParts) }))

const streamFrame: fc.Arbitrary<StreamFrame> = fc.oneof(
  fc.tuple(u16, u32, bytes(60)).map(([bits, id, data]) => ({ lane: 'stream' as const, type: 0, flags: bits, id, length: data.length, data })),
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), u16, u32, u32)
    .map(([kind, bits, id, length]) => ({ lane: 'stream' as const, type: kind, flags: bits, id, length, data: new Uint8Array() })),
)

export const frames: fc.Arbitrary<Frame[]> = fc.array(fc.oneof(rawFrame, streamFrame), { maxLength: 80, size: 'max' })

/** As `frames`, most of them DATA or of the stream lane, and longer: those that are handed on in parts. */
export const dataFrames: fc.Arbitrary<Frame[]> = fc.array(
  fc.oneof(fc.record({ ...header, type: fc.constant(FrameType.DATA), body: bytes(600) }), streamFrame, rawFrame),
  { maxLength: 20, size: 'max' },
)

/** Where to cut a sequence of frames into chunks. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.oneof(fc.nat(60), fc.nat(8000)), { maxLength: 60 })

/** What hostile peers send: noise, noise behind a right first byte, and good frames of which some bytes are replaced. */
export const noise: fc.Arbitrary<Uint8Array> = fc.oneof(
  bytes(200),
  fc.tuple(fc.constantFrom(0x00, 0xf1), bytes(200)).map(([first, rest]) => new Uint8Array([first, ...rest])),
)

export const damage: fc.Arbitrary<{ at: number; value: number }[]> = fc.array(fc.record({ at: fc.nat(600), value: fc.nat(0xff) }), { maxLength: 4 })
