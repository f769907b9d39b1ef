import { FrontierError } from './frontier-error.js'
import { Flag } from './frame-flag.js'
import { FrameType } from './frame-type.js'
import { bodyOffset, readU32 } from './header.js'
import { CONTROL_MAGIC, DEFAULT_MAX_FRAME_BYTES, HEADER_BYTES, STREAM_HEADER_BYTES, STREAM_MAGIC, TRACE_BYTES } from './limits.js'
import { allocateUnfilled } from './unfilled.js'

/** The highest type of yamux, GoAway: how long a frame of another type is, nobody knows. */
const LAST_STREAM_TYPE = 3

/** A whole frame of the stream lane that lies in two chunks: in `head` from `start` to its end, the frame's header in it, and in `tail[0, end)`. */
export interface SplitFrame {
  readonly head: Uint8Array
  readonly start: number
  readonly tail: Uint8Array
  readonly end: number
}

/** Takes the frames of both lanes. `bytes[start, end)` is one whole frame; it may be rewritten in place and kept, which pins the chunk. */
export interface FrameSink {
  onControlFrame(bytes: Uint8Array, start: number, end: number): void
  onStreamFrame(bytes: Uint8Array, start: number, end: number): void
  /** Like `onStreamFrame`. Without this method such a frame is copied together. */
  onSplitStreamFrame?(frame: SplitFrame): void
  /**
   * `bytes[start, end)` is the next part of the body of a DATA frame that does not lie in one chunk, as soon as it is there: the header is not shown.
   * Without this method such a frame is copied together.
   */
  onDataPart?(bytes: Uint8Array, start: number, end: number): void
}

/**
 * Cuts a byte pipe into frames, whatever its chunks are. A frame that lies within one chunk is handed on where it lies, without a copy;
 * one that straddles chunks is handed on in parts where the sink takes parts, since copying each third frame of a stream took a quarter of its reader's
 * time (docs/performance.md). Else it is put together in a buffer of its own length, which is checked against `maxFrameBytes` before it is taken.
 */
export class FrameDecoder {
  /** Longest frame taken, header included; may be raised after the handshake. */
  maxFrameBytes: number
  /** Who takes the frames; may be exchanged between two frames, within a chunk too. */
  sink: FrameSink
  /** The bytes of an incomplete frame; of `#filled` bytes, its length known once the header is there. */
  #partial: Uint8Array | undefined = undefined
  #filled = 0
  /** The chunk in which an incomplete frame of the stream lane begins, at `#headStart`; it may end in the next one. One chunk at most is pinned. */
  #head: Uint8Array | undefined = undefined
  #headStart = 0
  #headFrameBytes = 0
  /** Bytes that are still to come of a body that is handed on in parts. */
  #bodyLeft = 0
  #stopped = false

  constructor(sink: FrameSink, maxFrameBytes: number = DEFAULT_MAX_FRAME_BYTES) {
    this.sink = sink
    this.maxFrameBytes = maxFrameBytes
  }

  /** Bytes held of a frame that is not complete yet. */
  get bufferedBytes(): number {
    return this.#head === undefined ? this.#filled : this.#head.length - this.#headStart
  }

  /** Whether the last frame has begun and not ended. */
  get isWithinFrame(): boolean {
    return this.#bodyLeft > 0 || this.bufferedBytes > 0
  }

  /** No more frames are handed out, the rest of a chunk in work included. */
  stop(): void {
    this.#stopped = true
    this.#partial = undefined
    this.#filled = 0
    this.#head = undefined
    this.#bodyLeft = 0
  }

  /** Takes the next chunk. @throws PROTOCOL_ERROR on a bad first byte, a yamux type above 3, or a frame above the limit; what is pushed after that is ignored. */
  push(chunk: Uint8Array): void {
    let at = 0
    if (this.#partial !== undefined) {
      at = this.#complete(chunk)
      if (at < 0) return
    } else if (this.#head !== undefined) {
      at = this.#completeSplit(chunk, this.#head)
      if (at < 0) return
    } else if (this.#bodyLeft > 0) at = this.#handOnPart(chunk, 0)
    const length = chunk.length
    while (at < length && !this.#stopped) {
      const frameLength = this.#frameLength(chunk, at, length - at)
      if (frameLength === 0 || at + frameLength > length) {
        this.#keep(chunk, at, frameLength)
        return
      }
      const end = at + frameLength
      if (chunk[at] === CONTROL_MAGIC) this.sink.onControlFrame(chunk, at, end)
      else this.sink.onStreamFrame(chunk, at, end)
      at = end
    }
  }

  /** Length of the frame at `at`, or 0 when too little of its header is there. */
  #frameLength(bytes: Uint8Array, at: number, available: number): number {
    const magic = bytes[at]!
    let frameLength: number
    if (magic === CONTROL_MAGIC) {
      if (available < HEADER_BYTES) return 0
      frameLength = HEADER_BYTES + readU32(bytes, at + 4)
      if ((bytes[at + 3]! & Flag.TRACE) !== 0) frameLength += TRACE_BYTES
    } else if (magic === STREAM_MAGIC) {
      if (available < STREAM_HEADER_BYTES) return 0
      // Only data frames (type 0) have bytes behind the header; in the others the length field is a number.
      const type = bytes[at + 1]!
      if (type > LAST_STREAM_TYPE) throw this.#fault(`no yamux frame of type ${type} is known`)
      frameLength = type === 0 ? STREAM_HEADER_BYTES + readU32(bytes, at + 8) : STREAM_HEADER_BYTES
    } else {
      throw this.#fault(`no frame begins with 0x${magic.toString(16).padStart(2, '0')}`)
    }
    if (frameLength > this.maxFrameBytes) {
      throw this.#fault(`a frame of ${frameLength} bytes, at most ${this.maxFrameBytes} are allowed`)
    }
    return frameLength
  }

  #fault(message: string): FrontierError {
    this.stop()
    return new FrontierError('PROTOCOL_ERROR', message)
  }

  /** The frame at `at` ends in another chunk; `frameLength` is 0 when its header does. */
  #keep(chunk: Uint8Array, at: number, frameLength: number): void {
    if (frameLength !== 0) {
      if (chunk[at] === STREAM_MAGIC) {
        if (this.sink.onSplitStreamFrame !== undefined) {
          this.#head = chunk
          this.#headStart = at
          this.#headFrameBytes = frameLength
          return
        }
      } else if (this.#beginParts(chunk, at, at + frameLength)) return
    }
    const partial = allocateUnfilled(frameLength === 0 ? HEADER_BYTES : frameLength)
    partial.set(at === 0 ? chunk : chunk.subarray(at))
    this.#partial = partial
    this.#filled = chunk.length - at
  }

  /** Hands on what is there of a DATA frame's body, when the sink takes parts and the header is whole; `end` is where the frame would end. */
  #beginParts(bytes: Uint8Array, at: number, end: number): boolean {
    if (bytes[at + 1] !== FrameType.DATA || this.sink.onDataPart === undefined) return false
    const bodyAt = bodyOffset(bytes, at)
    if (bodyAt > bytes.length) return false
    this.#bodyLeft = end - bodyAt
    this.#handOnPart(bytes, bodyAt)
    return true
  }

  /** Hands on the next part of a body; where it ends in `chunk`. */
  #handOnPart(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#bodyLeft)
    this.#bodyLeft -= end - at
    if (end > at) this.sink.onDataPart?.(chunk, at, end)
    return end
  }

  /** Goes on with a frame of the stream lane that began in the last chunk; where the next one begins in `chunk`, or -1 when this one still is not complete. */
  #completeSplit(chunk: Uint8Array, head: Uint8Array): number {
    const start = this.#headStart
    const end = this.#headFrameBytes - (head.length - start)
    this.#head = undefined
    const { sink } = this
    if (end <= chunk.length && sink.onSplitStreamFrame !== undefined) {
      sink.onSplitStreamFrame({ head, start, tail: chunk, end })
      return end
    }
    // In three chunks or more it is copied: who sends a byte at a time must not pin a chunk with each.
    const partial = allocateUnfilled(this.#headFrameBytes)
    partial.set(head.subarray(start))
    this.#partial = partial
    this.#filled = head.length - start
    return this.#complete(chunk)
  }

  /** Goes on with the incomplete frame; where the next one begins in `chunk`, or -1 when this one still is not complete. */
  #complete(chunk: Uint8Array): number {
    let at = 0
    for (;;) {
      let partial = this.#partial!
      const frameLength = this.#frameLength(partial, 0, this.#filled)
      const wanted = frameLength === 0 ? (partial[0] === CONTROL_MAGIC ? HEADER_BYTES : STREAM_HEADER_BYTES) : frameLength
      if (wanted > partial.length) {
        const grown = allocateUnfilled(wanted)
        grown.set(partial)
        this.#partial = partial = grown
      }
      const missing = wanted - this.#filled
      const taken = Math.min(missing, chunk.length - at)
      if (taken > 0) {
        partial.set(chunk.subarray(at, at + taken), this.#filled)
        this.#filled += taken
        at += taken
      }
      if (this.#filled < wanted) return -1
      if (frameLength !== 0) {
        this.#partial = undefined
        this.#filled = 0
        if (partial[0] === CONTROL_MAGIC) this.sink.onControlFrame(partial, 0, wanted)
        else this.sink.onStreamFrame(partial, 0, wanted)
        return at
      }
    }
  }
}
