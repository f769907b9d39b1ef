/** What a Frontier stream offers, as far as it takes to make a Node stream of it. */
export interface StreamLike extends AsyncIterable<Uint8Array> {
  /** Resolves when there is room for more. */
  write(chunk: Uint8Array): Promise<void>
  /** Ends our direction; the other stays open. */
  closeWrite(): Promise<void>
  /** Ends both directions now. */
  reset(reason?: Error): void
  close(): Promise<void>
}

/** What accepts streams: an edge or a service. */
export interface StreamAcceptor<Stream extends StreamLike = StreamLike> {
  onStream(handler: (stream: Stream) => void): Disposable
  /** Resolves when no more streams can come. */
  readonly closed: Promise<unknown>
}
