import { FrontierError } from './frontier-error.js'
import { Flag } from './frame-flag.js'
import { readU32 } from './header.js'
import { CONTROL_MAGIC, DEFAULT_MAX_FRAME_BYTES, HEADER_BYTES, STREAM_HEADER_BYTES, STREAM_MAGIC, TRACE_BYTES } from './limits.js'

/** The highest type of yamux, GoAway: how long a frame of another type is, nobody knows. */
const LAST_STREAM_TYPE = 3

/** Takes the frames of both lanes. `bytes[start, end)` is one whole frame; it may be rewritten in place and kept, which pins the chunk. */
export interface FrameSink {
  onControlFrame(bytes: Uint8Array, start: number, end: number): void
  onStreamFrame(bytes: Uint8Array, start: number, end: number): void
}

/**
 * Cuts a byte pipe into frames, whatever its chunks are. A frame that lies within one chunk is handed on where it lies, without a copy;
 * one that straddles chunks is put together in a buffer of its own length, which is checked against `maxFrameBytes` before it is taken.
 */
export class FrameDecoder {
  /** Longest frame taken, header included; may be raised after the handshake. */
  maxFrameBytes: number
  /** Who takes the frames; may be exchanged between two frames, within a chunk too. */
  sink: FrameSink
  /** The bytes of an incomplete frame; of `#filled` bytes, its length known once the header is there. */
  #partial: Uint8Array | undefined = undefined
  #filled = 0
  #stopped = false

  constructor(sink: FrameSink, maxFrameBytes: number = DEFAULT_MAX_FRAME_BYTES) {
    this.sink = sink
    this.maxFrameBytes = maxFrameBytes
  }

  /** Bytes held of a frame that is not complete yet. */
  get bufferedBytes(): number {
    return this.#filled
  }

  /** No more frames are handed out, the rest of a chunk in work included. */
  stop(): void {
    this.#stopped = true
    this.#partial = undefined
    this.#filled = 0
  }

  /** Takes the next chunk. @throws PROTOCOL_ERROR on a bad first byte, a yamux type above 3, or a frame above the limit; what is pushed after that is ignored. */
  push(chunk: Uint8Array): void {
    let at = 0
    if (this.#partial !== undefined) {
      at = this.#complete(chunk)
      if (at < 0) return
    }
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

  #keep(chunk: Uint8Array, at: number, frameLength: number): void {
    const rest = chunk.length - at
    const partial = new Uint8Array(frameLength === 0 ? HEADER_BYTES : frameLength)
    partial.set(at === 0 ? chunk : chunk.subarray(at))
    this.#partial = partial
    this.#filled = rest
  }

  /** Goes on with the incomplete frame; where the next one begins in `chunk`, or -1 when this one still is not complete. */
  #complete(chunk: Uint8Array): number {
    let at = 0
    for (;;) {
      let partial = this.#partial!
      const frameLength = this.#frameLength(partial, 0, this.#filled)
      const wanted = frameLength === 0 ? (partial[0] === CONTROL_MAGIC ? HEADER_BYTES : STREAM_HEADER_BYTES) : frameLength
      if (wanted > partial.length) {
        const grown = new Uint8Array(wanted)
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
