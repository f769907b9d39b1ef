import type { Message, MessageHandler } from './message.js'
import type { Handler } from './request.js'
import type { CloseReason, EndState, Status } from './status.js'
import type { Stream, StreamHandler, StreamHandlerOptions } from './stream.js'
import type { WaitOptions } from './wait.js'

/** What an edge and a service have in common: one side of a link that is renewed when it goes. Disposing of it drains it within 5 s. */
export interface End extends AsyncDisposable {
  /** The id the gateway granted; it changes only when a gateway that does not know us grants another one, which status 'online' tells. */
  readonly id: bigint
  readonly state: EndState
  /**
   * Serves calls of `method`; resolves when callers can reach it; kept through reconnects. Waits `timeoutMs` (the end's default).
   * @throws INVALID_ARGUMENT (registered already, reserved, no name), UNAVAILABLE (no link in time), TIMEOUT, CANCELLED, what the gateway answered
   */
  register(method: string, handler: Handler, options?: WaitOptions): Promise<Disposable>
  /** Messages published to this end; one consumer, this or `onMessage`. @throws INVALID_ARGUMENT when there is one already */
  messages(): AsyncIterable<Message>
  /** One at a time per sender, senders side by side; a return acknowledges, a throw fails the message, unless settled before. @throws INVALID_ARGUMENT */
  onMessage(handler: MessageHandler): Disposable
  /** Streams the other side opens; one consumer, this or `onStream`. Without one openers get STREAM_REFUSED. @throws INVALID_ARGUMENT */
  streams(): AsyncIterable<Stream>
  /** As `streams`, with a handler: its throw resets the stream, its return does not close it. @throws INVALID_ARGUMENT */
  onStream(handler: StreamHandler, options?: StreamHandlerOptions): Disposable
  /** The streams that are open. */
  listStreams(): Stream[]
  onStatus(listener: (status: Status) => void): Disposable
  /** Resolves when the end is closed for good, never rejects. */
  readonly closed: Promise<CloseReason>
  /**
   * Takes no more (new work fails with DRAINING), finishes what is in flight, streams included, then closes. What is not finished after
   * `timeoutMs` (30,000) is cut off. Never rejects.
   */
  drain(options?: { timeoutMs?: number | undefined }): Promise<void>
  /** Sends what is queued, says goodbye and closes; requests in flight fail with EOF. */
  close(): Promise<void>
  /** Closes now. */
  abort(reason?: Error): void
}
