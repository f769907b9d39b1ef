import type { Link } from '@frontier/mux'
import { FrameDecoder, type FrontierError } from '@frontier/wire'

type BytePipe = ConstructorParameters<typeof Link>[0]
type PipeHandler = Parameters<BytePipe['start']>[0]

/** A pipe whose far end is the test. While `isStuck` nothing that is written is taken. */
export class FakePipe implements BytePipe {
  readonly remoteAddress: string
  queuedBytes = 0
  isStuck = false
  hasEnded = false
  /** Written frames that nobody has looked at, each a copy. */
  frames: Uint8Array[] = []
  #handler: PipeHandler | undefined
  readonly #decoder: FrameDecoder

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress
    const keep = (bytes: Uint8Array, start: number, end: number): void => {
      this.frames.push(Uint8Array.from(bytes.subarray(start, end)))
    }
    this.#decoder = new FrameDecoder({ onControlFrame: keep, onStreamFrame: keep })
  }

  start(handler: PipeHandler): void {
    this.#handler = handler
  }

  write(chunks: readonly Uint8Array[]): void {
    if (this.hasEnded) return
    for (const chunk of chunks) {
      // The decoder hands out views, and what it is given may be rewritten.
      this.#decoder.push(Uint8Array.from(chunk))
      if (this.isStuck) this.queuedBytes += chunk.length
    }
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

  destroy(): void {
    this.hasEnded = true
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
    this.hasEnded = true
    this.#handler!.onEnd(error)
  }
}
