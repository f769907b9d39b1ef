import { StreamLane, type StreamPort } from '../src/stream-lane.js'
import type { StreamLaneOptions } from '../src/stream-lane-options.js'
import type { RawStream, RawStreamHandler } from '../src/raw-stream.js'
import type { FrontierError } from '@frontier/wire'

/** A way out of one lane into another, or into a function. Frames leave in macrotasks; 64 KiB wait at most before it is not writable. */
export class TestPort implements StreamPort {
  readonly sent: Uint8Array[] = []
  /** While true nothing leaves, and the port is not writable. */
  isHeld = false
  keepsSent = false
  isShared = false
  onWritable: () => void = () => undefined
  readonly #take: (frame: Uint8Array) => void
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #isScheduled = false

  constructor(take: (frame: Uint8Array) => void) {
    this.#take = take
  }

  get writable(): boolean {
    return !this.isHeld && this.#waitingBytes < 65_536
  }

  send(frame: Uint8Array): void {
    if (this.keepsSent) this.sent.push(frame)
    this.#waiting.push(frame)
    this.#waitingBytes += frame.length
    this.#schedule()
  }

  release(): void {
    this.isHeld = false
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.isHeld) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const frames = this.#waiting
      this.#waiting = []
      this.#waitingBytes = 0
      for (const frame of frames) this.#take(frame)
      this.onWritable()
    })
  }
}

/** Two lanes, each of whose frames go to the other: the client opens odd ids. */
export class LanePair {
  readonly clientPort: TestPort = new TestPort((frame) => {
    this.server.onFrame(frame, 0, frame.length)
  })
  readonly serverPort: TestPort = new TestPort((frame) => {
    this.client.onFrame(frame, 0, frame.length)
  })
  readonly client: StreamLane
  readonly server: StreamLane
  #nextId = 1

  constructor(options: Omit<StreamLaneOptions, 'role'> = {}) {
    this.client = new StreamLane(this.clientPort, { ...options, role: 'client' })
    this.server = new StreamLane(this.serverPort, { ...options, role: 'server' })
    this.clientPort.onWritable = () => {
      this.client.onWritable()
    }
    this.serverPort.onWritable = () => {
      this.server.onWritable()
    }
  }

  /** A stream opened by the client. */
  stream(): { opener: RawStream; acceptor: RawStream; from: Recorder; to: Recorder } {
    const id = this.#nextId
    this.#nextId += 2
    const acceptor = this.server.accept(id)
    const opener = this.client.open(id)
    return { opener, acceptor, from: new Recorder(opener), to: new Recorder(acceptor) }
  }
}

/** A handler that keeps what it is told. */
export class Recorder implements RawStreamHandler {
  readonly chunks: Uint8Array[] = []
  bytes = 0
  ends = 0
  drained = 0
  readonly errors: FrontierError[] = []
  /** Called after each chunk. */
  onChunk: (() => void) | undefined = undefined
  /** Called when there is room again. */
  onRoom: (() => void) | undefined = undefined
  keepsChunks = true

  constructor(stream?: RawStream) {
    if (stream !== undefined) stream.handler = this
  }

  onBytes(chunk: Uint8Array): void {
    this.bytes += chunk.length
    if (this.keepsChunks) this.chunks.push(chunk.slice())
    this.onChunk?.()
  }

  onEnd(): void {
    this.ends++
  }

  onDrained(): void {
    this.drained++
    this.onRoom?.()
  }

  onReset(error: FrontierError): void {
    this.errors.push(error)
  }

  /** Whether just these bytes came. */
  has(bytes: Uint8Array): boolean {
    return sameBytes(this.all(), bytes)
  }

  /** All bytes so far. */
  all(): Uint8Array {
    const all = new Uint8Array(this.bytes)
    let at = 0
    for (const chunk of this.chunks) {
      all.set(chunk, at)
      at += chunk.length
    }
    return all
  }
}

/** Equality of long byte sequences; `toEqual` takes seconds for a megabyte. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.length).equals(b)
}

/** Bytes that differ everywhere. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[i] = state >>> 16
  }
  return bytes
}

/** Writes `total` bytes in chunks as fast as `stream` takes them, and ends it when `thenEnd`. */
export function pour(stream: RawStream, recorder: Recorder, total: number, options: { chunk?: number; thenEnd?: boolean } = {}): void {
  const { chunk = 32_000, thenEnd = true } = options
  let left = total
  const more = (): void => {
    while (left > 0) {
      const length = Math.min(chunk, left)
      left -= length
      if (!stream.write(new Uint8Array(length)) && left > 0) return
    }
    recorder.onRoom = undefined
    if (thenEnd) stream.end()
  }
  recorder.onRoom = more
  more()
}
