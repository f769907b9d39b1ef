import type { BytePipe, PipeHandler } from '@frontier/transport'
import { FrameDecoder, type FrontierError, LARGEST_MAX_FRAME_BYTES } from '@frontier/wire'

/** A pipe whose far end is the test: what was written is kept as it came, and nothing is taken while `isStuck`. Events come when the test says so. */
export class FakePipe implements BytePipe {
  readonly remoteAddress = 'fake:1'
  /** Each write as it was made. */
  readonly writes: Uint8Array[][] = []
  queuedBytes = 0
  /** While true, written bytes stay queued. */
  isStuck = false
  hasEnded = false
  destroyedBy: { error: FrontierError | undefined } | undefined
  #handler: PipeHandler | undefined

  start(handler: PipeHandler): void {
    this.#handler = handler
  }

  write(chunks: readonly Uint8Array[]): void {
    if (this.hasEnded || this.destroyedBy !== undefined) return
    // The queue may reuse nothing, but the test must not see later rewrites.
    this.writes.push(chunks.map((chunk) => Uint8Array.from(chunk)))
    if (this.isStuck) for (const chunk of chunks) this.queuedBytes += chunk.length
  }

  pause(): void {
    // Nobody pauses a link.
  }

  resume(): void {
    // Nobody pauses a link.
  }

  end(): void {
    this.hasEnded = true
  }

  destroy(error?: FrontierError): void {
    this.destroyedBy ??= { error }
  }

  /** The far end sends `chunk`. */
  receive(chunk: Uint8Array): void {
    this.#handler!.onBytes(chunk)
  }

  /** The far end has taken everything. */
  drain(): void {
    this.queuedBytes = 0
    this.#handler!.onDrained()
  }

  /** The connection is over. */
  finish(error?: FrontierError): void {
    this.#handler!.onEnd(error)
  }

  /** All that was written. */
  get bytes(): Uint8Array {
    return concat(this.writes.flat())
  }

  /** The frames that were written, each a copy. */
  get frames(): Uint8Array[] {
    return framesOf(this.bytes)
  }
}

/** One array after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** The whole frames of both lanes in `bytes`. */
export function framesOf(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = []
  const keep = (chunk: Uint8Array, start: number, end: number): void => {
    frames.push(Uint8Array.from(chunk.subarray(start, end)))
  }
  new FrameDecoder({ onControlFrame: keep, onStreamFrame: keep }, LARGEST_MAX_FRAME_BYTES).push(bytes)
  return frames
}
