import { encodeFrame, encodeRawFrame, Flag, FrameType, toBytes } from '@frontier/wire'
import fc from 'fast-check'
import type { ReceivedFrame } from './raw-client.js'

/** Types that a peer may send after the handshake, but for GOODBYE; and some that it may not. */
const TYPES = [
  FrameType.CALL,
  FrameType.ANSWER,
  FrameType.CANCEL,
  FrameType.MESSAGE,
  FrameType.ACK,
  FrameType.PROGRESS,
  FrameType.REGISTER,
  FrameType.UNREGISTER,
  FrameType.OPEN,
  FrameType.ACCEPT,
  FrameType.REFUSE,
  FrameType.STREAM_RESET,
  FrameType.PING,
  FrameType.PONG,
  0x90,
]
const KEYS = ['m', 'async', 'big', 'throws', 't', 's', 'h', 'none', '', 'edge_online']

const flags = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 0, 0, Flag.MORE, Flag.CONT, Flag.MORE | Flag.CONT, Flag.ERROR, Flag.NO_ACK, Flag.REPLY, Flag.GATEWAY | Flag.ERROR) },
  { weight: 1, arbitrary: fc.nat(0xffff).map((bits) => bits & ~Flag.TRACE) },
)
const body = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  // Three parts whose lengths are right, or nearly so.
  fc.record({ key: fc.constantFrom(...KEYS), extra: fc.integer({ min: -2, max: 2 }), data: fc.uint8Array({ maxLength: 30 }) }).map(({ key, extra, data }) => {
    const frame = encodeFrame({ type: 1, key, meta: toBytes('meta'), data })
    const at = 24 + 2 + toBytes(key).length + 3
    frame[at] = Math.max(0, frame[at]! + extra)
    return frame.slice(24)
  }),
)
const yamux = fc.record({
  type: fc.constantFrom(0, 0, 1, 2, 3),
  flags: fc.constantFrom(0, 0, 1, 2, 4, 8, 3, 5),
  id: fc.integer({ min: 0, max: 12 }),
  length: fc.oneof(fc.nat(40), fc.constantFrom(0xffff_ffff, 262_144)),
})

/** One yamux frame with `bytes` in it, or with a number for a length. */
function yamuxFrame(type: number, frameFlags: number, id: number, content: Uint8Array | number): Uint8Array {
  const data = typeof content === 'number' ? new Uint8Array(type === 0 ? Math.min(content, 1000) : 0) : content
  const frame = new Uint8Array(12 + data.length)
  const view = new DataView(frame.buffer)
  view.setUint8(1, type)
  view.setUint16(2, frameFlags)
  view.setUint32(4, id)
  view.setUint32(8, typeof content === 'number' && type !== 0 ? content : data.length)
  frame.set(data, 12)
  return frame
}

/** A frame that is well framed, of either lane, and whose content is anything. */
export function garbageFrame(): fc.Arbitrary<Uint8Array> {
  const control = fc
    .record({
      type: fc.constantFrom(...TYPES),
      flags,
      id: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(0xffff_ffff)),
      budgetMs: fc.constantFrom(0, 1, 200),
      body,
    })
    .map((fields) => encodeRawFrame(fields))
  return fc.oneof(
    { weight: 5, arbitrary: control },
    { weight: 1, arbitrary: yamux.map(({ type, flags: bits, id, length }) => yamuxFrame(type, bits, id, length)) },
  )
}

/** What to send back for a frame: garbage with the id it is about, so that it is taken for an answer. */
export function garbageReaction(): fc.Arbitrary<(frame: ReceivedFrame) => Uint8Array[]> {
  const pieces = fc.array(fc.record({ flags, body, type: fc.constantFrom('fit', 'fit', 'fit', 'progress', 'other') }), { minLength: 1, maxLength: 4 })
  const inStream = fc.array(fc.record({ type: fc.constantFrom(0x30, 0x31, 0x32, ...TYPES), flags, id: fc.nat(4), body }), { maxLength: 4 })
  return fc.record({ pieces, inStream, bits: fc.constantFrom(0, 2, 3, 4, 8), isAccepted: fc.boolean() }).map(
    ({ pieces: answers, inStream: frames, bits, isAccepted }) =>
      (frame) => {
        const { type, id } = frame
        if (type === FrameType.OPEN && isAccepted) {
          return [encodeFrame({ type: FrameType.ACCEPT, id }), ...frames.map((inner) => yamuxFrame(0, bits, id, encodeRawFrame(inner)))]
        }
        const fit = type === FrameType.CALL ? FrameType.ANSWER : type === FrameType.MESSAGE ? FrameType.ACK : type === FrameType.OPEN ? FrameType.REFUSE : 0
        if (fit === 0) return []
        return answers.map((answer) => {
          const chosen = answer.type === 'fit' ? fit : answer.type === 'progress' ? FrameType.PROGRESS : FrameType.STREAM_RESET
          return encodeRawFrame({ type: chosen, flags: answer.flags, id, body: answer.body })
        })
      },
  )
}

const anyBytes = fc.uint8Array({ maxLength: 40 })
const code = fc.constantFrom('EOF', 'REPLACED', 'KICKED', 'PROTOCOL_ERROR', 'NO_SUCH_CODE', '')
const u32 = fc.oneof(fc.nat(200_000), fc.constantFrom(0, 0xffff_ffff))

function countOf(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** Fragments in order whose first has a key that is right; the rest is anything. */
function fragments(type: number, id: number, key: string, pieces: readonly Uint8Array[]): Uint8Array[] {
  const keyBytes = toBytes(key)
  const head = Uint8Array.from([0, keyBytes.length, ...keyBytes])
  return [head, ...pieces].map((piece, i) => {
    const bits = (i > 0 ? Flag.CONT : 0) | (i < pieces.length ? Flag.MORE : 0)
    return encodeRawFrame({ type, flags: bits, id, budgetMs: 300, body: piece })
  })
}

/** What travels inside a stream and is meant to hurt its other end. */
const streamContent = fc.oneof(
  anyBytes,
  fc.record({ type: fc.constantFrom(0x30, 0x31, 0x32, ...TYPES), flags, id: fc.nat(4), body }).map((inner) => encodeRawFrame(inner)),
)
const streamFrames = fc.array(
  fc.oneof(
    fc.record({ bits: fc.constantFrom(0, 0, 0, 1, 2, 4, 8), content: streamContent }).map(({ bits, content }) => (id: number) => yamuxFrame(0, bits, id, content)),
    fc.record({ bits: fc.constantFrom(0, 1, 2, 4), window: u32 }).map(({ bits, window }) => (id: number) => yamuxFrame(1, bits, id, window)),
  ),
  { maxLength: 6 },
)

/** Frames that a gateway passes on: the garbage in them is for the peer behind it. */
export function slyFrame(): fc.Arbitrary<Uint8Array> {
  const id = fc.integer({ min: 1, max: 40 })
  const key = fc.constantFrom('m', 'async', 'big', 'throws', 't')
  const whole = fc
    .record({ type: fc.constantFrom(FrameType.CALL, FrameType.MESSAGE), id, key, bits: fc.constantFrom(0, 0, Flag.NO_ACK, 0xf000), meta: anyBytes, data: anyBytes })
    .map(({ bits, ...fields }) => encodeFrame({ ...fields, flags: bits, budgetMs: 300 }))
  const split = fc
    .record({ type: fc.constantFrom(FrameType.CALL, FrameType.MESSAGE), id: fc.integer({ min: 100, max: 2 ** 31 }), key, pieces: fc.array(anyBytes, { minLength: 1, maxLength: 4 }) })
    .map(({ type, id: at, key: name, pieces }) => Buffer.concat(fragments(type, at, name, pieces)))
  const about = fc
    .record({ type: fc.constantFrom(FrameType.CANCEL, FrameType.PROGRESS, FrameType.ACCEPT, FrameType.STREAM_RESET), id, total: u32, bits: fc.constantFrom(0, Flag.REPLY) })
    .map(({ type, id: at, total, bits }) =>
      type === FrameType.PROGRESS ? encodeRawFrame({ type, flags: bits, id: at, body: countOf(total) }) : encodeFrame({ type, id: at, key: 'EOF' }),
    )
  const stream = fc.record({ n: fc.integer({ min: 0, max: 2 ** 30 }), meta: anyBytes, frames: streamFrames }).map(({ n, meta, frames }) => {
    const at = 2 * n + 1
    return Buffer.concat([encodeFrame({ type: FrameType.OPEN, id: at, key: 's', meta }), ...frames.map((frame) => frame(at))])
  })
  return fc.oneof(whole, split, about, stream)
}

/** Reactions that a gateway passes on. */
export function slyReaction(): fc.Arbitrary<(frame: ReceivedFrame) => Uint8Array[]> {
  const answer = fc.oneof(
    fc.array(anyBytes, { minLength: 1, maxLength: 4 }).map((pieces) => (id: number) => fragments(FrameType.ANSWER, id, '', pieces)),
    fc.record({ code, bits: fc.constantFrom(0, Flag.GATEWAY, Flag.MAYBE, Flag.RETRYABLE | Flag.GATEWAY) }).map(
      ({ code: key, bits }) => (id: number) => [encodeFrame({ type: FrameType.ANSWER, flags: Flag.ERROR | bits, id, key })],
    ),
    anyBytes.map((data) => (id: number) => [encodeFrame({ type: FrameType.ANSWER, id, data }), encodeFrame({ type: FrameType.ANSWER, id })]),
    fc.array(u32, { maxLength: 4 }).map((totals) => (id: number) => totals.map((total) => encodeRawFrame({ type: FrameType.PROGRESS, id, body: countOf(total) }))),
    fc.constant(() => []),
  )
  return fc.record({ answer, code, frames: streamFrames, isAccepted: fc.boolean() }).map(({ answer: give, code: key, frames, isAccepted }) => ({ type, id }) => {
    if (type === FrameType.CALL) return give(id)
    if (type === FrameType.MESSAGE) return [encodeFrame({ type: FrameType.ACK, flags: key === '' ? 0 : Flag.ERROR | Flag.GATEWAY, id, key })]
    if (type !== FrameType.OPEN) return []
    if (!isAccepted) return [encodeFrame({ type: FrameType.REFUSE, flags: Flag.ERROR | Flag.GATEWAY, id, key })]
    return [encodeFrame({ type: FrameType.ACCEPT, id }), ...frames.map((frame) => frame(id))]
  })
}
