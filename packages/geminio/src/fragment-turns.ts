import type { ChannelPort } from './channel-options.js'
import type { DeadlineWheel } from './deadline-wheel.js'
import { LinkedQueue } from './linked-queue.js'
import type { OutgoingBody } from './outgoing-body.js'

/** Sends the fragments of all large bodies of one port, requests and answers alike, in turns of one fragment each. */
export class FragmentTurns {
  readonly #port: ChannelPort
  readonly #wheel: DeadlineWheel
  /** Bodies whose window lets them go on. The others are kept by who made them, and come back on PROGRESS. */
  readonly #turns = new LinkedQueue<OutgoingBody>()
  #isRunning = false

  constructor(port: ChannelPort, wheel: DeadlineWheel) {
    this.#port = port
    this.#wheel = wheel
  }

  /** Begins with `body`. */
  add(body: OutgoingBody): void {
    this.#turns.push(body)
    this.run()
  }

  /** Gives up on `body`. */
  remove(body: OutgoingBody): void {
    this.#turns.remove(body)
  }

  /** The port is gone. */
  end(): void {
    while (this.#turns.shift() !== undefined) continue
  }

  /** The receiver has `total` bytes of `body`. */
  onProgress(body: OutgoingBody, total: number): void {
    body.onProgress(total, this.#wheel.now())
    if (body.queue !== undefined || body.isSent || !body.mayGoOn) return
    this.#turns.push(body)
    this.run()
  }

  /** Sends while the port takes more. */
  run(): void {
    // A body that was sent may let the next publish begin, which calls this again: the loop below takes that up.
    if (this.#isRunning) return
    this.#isRunning = true
    while (this.#turns.first !== undefined && this.#port.bulkWritable) {
      const body = this.#turns.shift()!
      this.#port.send(body.nextFrame(this.#wheel.now()))
      if (body.isSent) body.sent()
      else if (body.mayGoOn) this.#turns.push(body)
    }
    this.#isRunning = false
  }
}
