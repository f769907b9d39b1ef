import { bodyOffset, Flag, FrameDecoder, FrameType, readBudgetMs, readFlags, readId, readPeer, readType, readU16, readU32, toFrontierError, TRACE_BYTES } from '../src/index.js'
import type { FrontierErrorCode } from '../src/index.js'
import type { Frame } from './reference-codec.js'

export interface Decoded {
  frames: Frame[]
  /** Held of a frame that is not complete. */
  left: number
  /** Code of what the decoder threw. */
  error: FrontierErrorCode | undefined
  /** The most the decoder held at any time. */
  mostBuffered: number
}

/** The frame in `bytes[start, end)` as its fields say; all bytes are copied. */
export function readControlFrame(bytes: Uint8Array, start: number, end: number): Frame {
  const bodyStart = bodyOffset(bytes, start)
  const flags = readFlags(bytes, start)
  return {
    lane: 'control',
    type: readType(bytes, start),
    flags: flags & ~Flag.TRACE,
    id: readId(bytes, start),
    budgetMs: readBudgetMs(bytes, start),
    peer: readPeer(bytes, start),
    trace: (flags & Flag.TRACE) === 0 ? undefined : bytes.slice(bodyStart - TRACE_BYTES, bodyStart),
    body: bytes.slice(bodyStart, end),
  }
}

function readStreamFrame(bytes: Uint8Array, start: number, end: number): Frame {
  return {
    lane: 'stream',
    type: bytes[start + 1]!,
    flags: readU16(bytes, start + 2),
    id: readU32(bytes, start + 4),
    length: readU32(bytes, start + 8),
    data: bytes.slice(start + 12, end),
  }
}

/** Pushes `chunks` through a decoder. What it throws and is no FrontierError fails the test. */
export function decodeAll(chunks: Iterable<Uint8Array>, maxFrameBytes = 32_768): Decoded {
  const frames: Frame[] = []
  const decoder = new FrameDecoder(
    {
      onControlFrame: (bytes, start, end) => frames.push(readControlFrame(bytes, start, end)),
      onStreamFrame: (bytes, start, end) => frames.push(readStreamFrame(bytes, start, end)),
    },
    maxFrameBytes,
  )
  let mostBuffered = 0
  try {
    for (const chunk of chunks) {
      decoder.push(chunk)
      mostBuffered = Math.max(mostBuffered, decoder.bufferedBytes)
    }
  } catch (thrown) {
    const error = toFrontierError(thrown, 'REMOTE_ERROR')
    if (error !== thrown) throw thrown
    return { frames, left: decoder.bufferedBytes, error: error.code, mostBuffered }
  }
  return { frames, left: decoder.bufferedBytes, error: undefined, mostBuffered }
}

/** One after the other what a sink that takes parts is told, the bodies of DATA frames joined as far as nothing comes between them. */
export function decodeInParts(chunks: Iterable<Uint8Array>): { told: (Frame | Uint8Array)[]; isWithinFrame: boolean; error: FrontierErrorCode | undefined } {
  const told: (Frame | Uint8Array)[] = []
  const tell = (frame: Frame): void => {
    if (frame.lane === 'control' && frame.type === FrameType.DATA) tellData(frame.body)
    else told.push(frame)
  }
  const tellData = (body: Uint8Array): void => {
    const last = told.at(-1)
    if (last instanceof Uint8Array) told[told.length - 1] = new Uint8Array([...last, ...body])
    else if (body.length > 0) told.push(body.slice())
  }
  const decoder = new FrameDecoder({
    onControlFrame: (bytes, start, end) => tell(readControlFrame(bytes, start, end)),
    onStreamFrame: (bytes, start, end) => tell(readStreamFrame(bytes, start, end)),
    onSplitStreamFrame: ({ head, start, tail, end }) => {
      const whole = new Uint8Array([...head.subarray(start), ...tail.subarray(0, end)])
      tell(readStreamFrame(whole, 0, whole.length))
      // As a switch does; and what lies beside must not be touched by it.
      head.fill(0xee, start)
      tail.fill(0xee, 0, end)
    },
    onDataPart: (bytes, start, end) => {
      tellData(bytes.subarray(start, end))
      bytes.fill(0xee, start, end)
    },
  })
  let error: FrontierErrorCode | undefined
  try {
    for (const chunk of chunks) decoder.push(chunk)
  } catch (thrown) {
    error = toFrontierError(thrown, 'REMOTE_ERROR').code
  }
  return { told, isWithinFrame: decoder.isWithinFrame, error }
}

/** What {@link decodeInParts} tells of `frames`. */
export function inParts(frames: readonly Frame[]): (Frame | Uint8Array)[] {
  const told: (Frame | Uint8Array)[] = []
  for (const frame of frames) {
    const last = told.at(-1)
    if (frame.lane === 'stream' || frame.type !== FrameType.DATA) told.push(frame)
    else if (last instanceof Uint8Array) told[told.length - 1] = new Uint8Array([...last, ...frame.body])
    else if (frame.body.length > 0) told.push(frame.body)
  }
  return told
}

/** `bytes` in chunks that end at `cuts` (any numbers, in any order). */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b)
  return [0, ...ends].map((start, index) => bytes.slice(start, ends[index] ?? bytes.length))
}

/** `bytes` one at a time. */
export function* oneByOne(bytes: Uint8Array): Generator<Uint8Array> {
  for (let index = 0; index < bytes.length; index++) yield bytes.slice(index, index + 1)
}
