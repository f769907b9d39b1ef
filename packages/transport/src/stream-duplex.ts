import { Duplex } from 'node:stream'

import type { StreamLike } from './stream-like.js'

/** A Frontier stream as a Node stream. */
class StreamDuplex extends Duplex {
  readonly #stream: StreamLike
  readonly #chunks: AsyncIterator<Uint8Array>

  constructor(stream: StreamLike) {
    super({ allowHalfOpen: true })
    this.#stream = stream
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  override _read(): void {
    this.#chunks.next().then(
      ({ done, value }) => this.push(done === true ? null : value),
      (error: unknown) => this.destroy(asError(error)),
    )
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: (error?: Error) => void): void {
    this.#stream.write(chunk).then(
      () => callback(),
      (error: unknown) => callback(asError(error)),
    )
  }

  override _final(callback: (error?: Error) => void): void {
    this.#stream.closeWrite().then(
      () => callback(),
      (error: unknown) => callback(asError(error)),
    )
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const isComplete = error === null && this.readableEnded && this.writableFinished
    if (!isComplete) {
      this.#stream.reset(error ?? undefined)
      callback(error)
      return
    }
    this.#stream.close().then(
      () => callback(),
      (failure: unknown) => callback(asError(failure)),
    )
  }
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value))
}

/**
 * A Frontier stream as a `node:stream` Duplex, with back-pressure in both directions: `end()` half-closes, `destroy()` resets, and once both directions
 * have ended the stream is closed. The Duplex takes the stream over: read and write only there.
 */
export function toDuplex(stream: StreamLike): Duplex {
  return new StreamDuplex(stream)
}
