import type { Bytes } from '@frontier/wire'
import type { CallOptions, PublishOptions } from './call-options.js'
import type { Reply } from './content.js'
import type { Message, MessageHandler } from './message.js'
import type { Handler } from './request.js'
import type { CloseReason } from './status.js'

/** What an end knows of a stream before it takes it. */
export interface StreamInfo {
  /** The edge at the other end (at a service), or this edge itself. */
  readonly edgeId: bigint
  /** Name of the service at one of its ends. */
  readonly service: string
  /** What the opener presented. */
  readonly meta: Uint8Array
}

/** Takes streams that the other side opens. A throw resets the stream; a return does not close it. */
export type StreamHandler = (stream: Stream) => void | Promise<void>

/** Options of {@link End.onStream}. */
export interface StreamHandlerOptions {
  /** Decides before the opener is told; a throw refuses the stream with the code of a FrontierError, else with STREAM_REFUSED. */
  accept?: (info: StreamInfo) => void | Promise<void>
}

/** Options of opening a stream. */
export interface OpenStreamOptions {
  /** Shown to the acceptor; at most 256 KiB. */
  meta?: Bytes | undefined
  /** How long to wait for a link and for the other end to accept; the end's default when absent. */
  timeoutMs?: number | undefined
  /** Gives up: CANCELLED. */
  signal?: AbortSignal | undefined
}

/**
 * Bytes in both directions between one edge and one service, in order and without loss, with calls and messages of their own beside them. Also an
 * it-pipe duplex. It ends cleanly only when the other end said so: a link that goes fails reads and writes with EOF, after what had come before.
 * Breaking out of a `for await` over it resets it.
 */
export interface Stream extends StreamInfo, AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly id: number
  /** The bytes the other end writes, until it half-closes or closes; the stream itself iterates the same. */
  readonly source: AsyncIterable<Uint8Array>
  /** Writes all of `source`, then half-closes; a source that throws resets the stream. */
  sink(source: AsyncIterable<Bytes> | Iterable<Bytes>): Promise<void>
  /**
   * Resolves when there is room for more; the chunk is the caller's again then. @throws STREAM_RESET, EOF (link or stream gone), INVALID_ARGUMENT
   * (after closeWrite or close), CANCELLED (what had left by then stays sent).
   */
  write(chunk: Bytes, options?: { signal?: AbortSignal | undefined }): Promise<void>
  /** How many of the bytes written the other end's application has taken. */
  readonly bytesAcked: number
  /** Half-close: the other direction stays open, calls too. Once both sides have done it, all is read and nothing is unanswered, the stream closes. */
  closeWrite(): Promise<void>
  /** Ends both directions now; reads and writes at both ends fail with STREAM_RESET. */
  reset(reason?: Error): void
  /**
   * Sends what was written, then ends both directions. Resolves when all of it has left this end, which waits as long as the other end gives no room;
   * {@link Stream.closed} tells that the other end has ended, too. Unread bytes are dropped, and so is what still comes. A stream that the other end
   * does not end within 30 s of that is cut off; what was sent reaches it all the same. @throws when the stream dies before all has left
   *
   * `await using` does the same for 5 s at most, then resets the stream and throws TIMEOUT.
   */
  close(): Promise<void>
  /** Resolves when the stream is over at both ends, never rejects. 'CLOSED' when both have ended it. */
  readonly closed: Promise<CloseReason>
  /** Calls a method that the other end registered on this stream. */
  call(method: string, data?: Bytes, options?: CallOptions): Promise<Reply>
  /** Serves calls of the other end on this stream. @throws INVALID_ARGUMENT for a name that is registered. */
  register(method: string, handler: Handler): Promise<Disposable>
  /** Publishes to the other end of this stream. */
  publish(topic: string, data: Bytes, options?: PublishOptions): Promise<void>
  /** Messages the other end publishes on this stream; one consumer, this or {@link Stream.onMessage}. */
  messages(): AsyncIterable<Message>
  /** As {@link Stream.messages}, with a handler. */
  onMessage(handler: MessageHandler): Disposable
}
