import type { FrontierError } from '@frontier/wire'

/** The bytes of one stream, both directions, under flow control. Nothing here throws; after the end everything is a no-op. */
export interface RawStream {
  readonly id: number
  /**
   * Takes what happens. Until it is set bytes wait, as if paused; what waited is handed over in a microtask after it was set.
   * Whatever a handler throws resets this stream and comes back as `onReset`.
   */
  handler: RawStreamHandler | undefined
  /** Queues `bytes`, which belong to the stream from now on. false = wait for `onDrained` before the next. Bytes written after `end()` are dropped. */
  write(bytes: Uint8Array): boolean
  /** Written bytes that have not left: they wait for credit, or for their turn on the link. */
  readonly queuedBytes: number
  /** FIN, behind what is queued. The other direction stays open; when both sides have ended, the stream is over. */
  end(): void
  /** RST: both directions are over now, queued and unread bytes are lost. The handler is not told. */
  reset(): void
  /** No bytes are handed over, and no credit goes back, until `resume()`: the peer stops when its credit is used up. */
  pause(): void
  /** Hands over what waited, synchronously unless called by the handler that is being handed bytes. */
  resume(): void
}

/** What happens to a {@link RawStream}. */
export interface RawStreamHandler {
  /** Bytes of the peer: a view into a received chunk; copy what you keep. */
  onBytes(chunk: Uint8Array): void
  /** The peer's FIN; all its bytes were handed over. */
  onEnd(): void
  /** There is room again after a `write` that returned false. */
  onDrained(): void
  /**
   * The stream is over. PROTOCOL_ERROR: the peer broke the rules of this stream, unread bytes are lost; else the error the link ended with, or EOF for
   * a RST, and all that came before was handed over first, a FIN included, pause or not. Called once, and nothing after it.
   */
  onReset(error: FrontierError): void
}
