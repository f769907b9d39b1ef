import type { BytePipe, PipeHandler } from '@frontier/transport'
import { FrameDecoder, type FrameSink, LARGEST_MAX_FRAME_BYTES } from '@frontier/wire'

/**
 * The way from a link to a bridge in this process: what the link writes comes out as frames at once, so nothing ever waits in it. The way back needs no bytes: the
 * bridge's end hands its answers to the exchange itself.
 */
export class BridgePipe implements BytePipe {
  readonly remoteAddress: string
  readonly queuedBytes = 0
  readonly #decoder: FrameDecoder
  #handler: PipeHandler | undefined = undefined
  #isOver = false

  constructor(name: string, sink: FrameSink) {
    this.remoteAddress = `bridge:${name}`
    this.#decoder = new FrameDecoder(sink, LARGEST_MAX_FRAME_BYTES)
  }

  start(handler: PipeHandler): void {
    this.#handler = handler
  }

  write(chunks: readonly Uint8Array[]): void {
    if (this.#isOver) return
    for (const chunk of chunks) this.#decoder.push(chunk)
  }

  pause(): void {
    // Nothing comes this way.
  }

  resume(): void {
    // Nothing comes this way.
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    queueMicrotask(() => this.#handler?.onEnd())
  }

  destroy(): void {
    this.end()
  }
}
