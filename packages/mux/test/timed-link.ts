import { Recorder } from './lane-pair.js'
import type { RawStream } from '../src/raw-stream.js'
import { StreamLane, type StreamPort } from '../src/stream-lane.js'

/** One direction of a line with a delay and a rate, run by `setTimeout` and `performance.now()`: meant for fake timers. */
class TimedPort implements StreamPort {
  onWritable: () => void = () => undefined
  readonly #delayMs: number
  readonly #bytesPerMs: number
  readonly #take: (frame: Uint8Array) => void
  #freeAt = 0
  #isWaiting = false

  constructor(delayMs: number, bytesPerMs: number, take: (frame: Uint8Array) => void) {
    this.#delayMs = delayMs
    this.#bytesPerMs = bytesPerMs
    this.#take = take
  }

  get writable(): boolean {
    const waitsMs = this.#freeAt - performance.now()
    const isWritable = waitsMs * this.#bytesPerMs < 65_536
    if (!isWritable && !this.#isWaiting) {
      this.#isWaiting = true
      setTimeout(
        () => {
          this.#isWaiting = false
          this.onWritable()
        },
        Math.ceil(waitsMs / 2),
      )
    }
    return isWritable
  }

  send(frame: Uint8Array): void {
    const now = performance.now()
    this.#freeAt = Math.max(this.#freeAt, now) + frame.length / this.#bytesPerMs
    setTimeout(
      () => {
        this.#take(frame)
      },
      Math.round(this.#freeAt - now + this.#delayMs),
    )
  }
}

/** Two lanes over a long line. */
export class TimedLink {
  readonly client: StreamLane
  readonly server: StreamLane
  #nextId = 1

  constructor(options: { rttMs: number; bytesPerMs: number; maxGrowthBytes?: number }) {
    const { rttMs, bytesPerMs, ...rest } = options
    const there = new TimedPort(rttMs / 2, bytesPerMs, (frame) => {
      this.server.onFrame(frame, 0, frame.length)
    })
    const back = new TimedPort(rttMs / 2, bytesPerMs, (frame) => {
      this.client.onFrame(frame, 0, frame.length)
    })
    this.client = new StreamLane(there, { ...rest, role: 'client' })
    this.server = new StreamLane(back, { ...rest, role: 'server' })
    there.onWritable = () => {
      this.client.onWritable()
    }
    back.onWritable = () => {
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
