import type { Socket } from 'node:net'

import { flushAfterTurn, type Flushable } from './turn.js'

const HEADER_BYTES = 24

/** Takes the frames of a raw link: `bytes[start, end)` is one whole control frame. */
export interface RawSink {
  onFrame(link: RawLink, bytes: Buffer, start: number, end: number): void
}

/** A socket that carries control frames, as cheap as Node allows: the generator must not be what is measured. */
export class RawLink implements Flushable {
  /** When the chunk in work came, `performance.now()`: one reading of the clock serves all its frames. */
  heardAt = 0
  /** What the gateway has granted; 0 without a handshake. */
  id = 0n
  sink: RawSink
  readonly socket: Socket
  /** Where {@link reserve} has made room. */
  out: Buffer = Buffer.alloc(0)
  #length = 0
  #lastLength = 0
  #rest: Buffer | undefined = undefined

  constructor(socket: Socket, sink: RawSink) {
    this.socket = socket
    this.sink = sink
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.#onData(chunk)
    })
  }

  /** Makes room for `length` bytes in `out`, which leave at the end of this turn, and returns where they begin. */
  reserve(length: number): number {
    const at = this.#length
    if (at === 0) {
      this.out = Buffer.allocUnsafe(Math.max(length, this.#lastLength))
      flushAfterTurn(this)
    } else if (at + length > this.out.length) {
      const bigger = Buffer.allocUnsafe((at + length) * 2)
      this.out.copy(bigger, 0, 0, at)
      this.out = bigger
    }
    this.#length += length
    return at
  }

  /** Queues a whole frame. */
  send(frame: Uint8Array): void {
    const at = this.reserve(frame.length)
    this.out.set(frame, at)
  }

  /** Called at the end of the turn. */
  flush(): void {
    const length = this.#length
    this.#lastLength = length
    this.#length = 0
    this.socket.write(length === this.out.length ? this.out : this.out.subarray(0, length))
  }

  #onData(chunk: Buffer): void {
    this.heardAt = performance.now()
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4)
      if (end > bytes.length) break
      this.sink.onFrame(this, bytes, at, end)
      at = end
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined
  }
}
