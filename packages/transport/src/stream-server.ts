import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'

import { toDuplex } from './stream-duplex.js'
import type { StreamAcceptor, StreamLike } from './stream-like.js'

/** Events of a {@link StreamServer}. */
export interface StreamServerEvents<Stream> {
  /** A stream was opened by the other side; the second argument is the stream itself, for its meta and its calls. */
  connection: [duplex: Duplex, stream: Stream]
  close: []
}

/** The streams that reach an edge or a service, handed out as a `net.Server` hands out sockets. */
export class StreamServer<Stream extends StreamLike = StreamLike>
  extends EventEmitter<StreamServerEvents<Stream>>
  implements Disposable
{
  readonly #registration: Disposable
  #isOpen = true

  constructor(end: StreamAcceptor<Stream>) {
    super()
    this.#registration = end.onStream((stream) => {
      if (!this.emit('connection', toDuplex(stream), stream)) stream.reset(new Error('nobody listens for connections'))
    })
    void end.closed.then(() => this.close())
  }

  get listening(): boolean {
    return this.#isOpen
  }

  /** Takes no more streams; those that are open live on. Idempotent. */
  close(): this {
    if (!this.#isOpen) return this
    this.#isOpen = false
    this.#registration[Symbol.dispose]()
    queueMicrotask(() => this.emit('close'))
    return this
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
