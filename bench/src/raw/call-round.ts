import { Flag, FrameType } from '@frontier/wire'

import { LatencyHistogram } from '../latency-histogram.js'
import type { CallLoad, CallOutcome } from '../load.js'
import type { RawLink, RawSink } from './raw-link.js'

const ID_AT = 8

/** One link's calls in flight. */
interface Lane {
  readonly link: RawLink
  nextId: number
  /** When each call in flight was sent, by its id modulo the length. */
  readonly sentAt: Float64Array
}

/** Keeps a number of calls in flight on each link for a while; one round. */
export class CallRound implements RawSink {
  readonly #load: CallLoad
  readonly #frame: Uint8Array
  readonly #isBare: boolean
  readonly #lanes = new Map<RawLink, Lane>()
  readonly #latencies = new LatencyHistogram()
  #startedAt = 0
  #sent = 0
  #answered = 0
  #resolve!: (outcome: CallOutcome) => void
  #reject!: (error: Error) => void

  /** `frame` is the CALL that is sent again and again, with ids of its own. From a bare relay every frame is an answer. */
  constructor(frame: Uint8Array, load: CallLoad, isBare: boolean) {
    this.#frame = frame
    this.#load = load
    this.#isBare = isBare
  }

  /** Calls on `links`; resolves when the time is over and every call is answered. */
  run(links: readonly RawLink[], firstId: number): Promise<CallOutcome> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#startedAt = performance.now()
      const room = 2 ** Math.ceil(Math.log2(this.#load.inFlight * 2))
      for (const link of links) {
        link.sink = this
        const lane = { link, nextId: firstId, sentAt: new Float64Array(room) }
        this.#lanes.set(link, lane)
        for (let i = 0; i < this.#load.inFlight; i++) this.#call(lane, this.#startedAt)
      }
    })
  }

  /** The highest id used on any link. */
  get lastId(): number {
    let last = 0
    for (const { nextId } of this.#lanes.values()) last = Math.max(last, nextId)
    return last
  }

  onFrame(link: RawLink, bytes: Buffer, start: number, end: number): void {
    if (!this.#isBare) {
      if (bytes[start + 1] !== FrameType.ANSWER) return
      if ((bytes[start + 3]! & Flag.ERROR) !== 0) {
        this.#reject(new Error(`a call failed: ${bytes.toString('latin1', start + 26, end)}`))
        return
      }
    }
    const lane = this.#lanes.get(link)!
    const now = link.heardAt
    this.#answered++
    const { sentAt } = lane
    this.#latencies.add(now - sentAt[bytes.readUInt32BE(start + ID_AT) & (sentAt.length - 1)]!)
    if (now - this.#startedAt < this.#load.durationMs) this.#call(lane, now)
    else if (this.#answered === this.#sent) this.#finish(now)
  }

  #call(lane: Lane, now: number): void {
    const { link, sentAt } = lane
    const id = lane.nextId
    lane.nextId = (id + 1) >>> 0
    const at = link.reserve(this.#frame.length)
    link.out.set(this.#frame, at)
    link.out.writeUInt32BE(id, at + ID_AT)
    sentAt[id & (sentAt.length - 1)] = now
    this.#sent++
  }

  #finish(now: number): void {
    this.#resolve({
      calls: this.#answered,
      seconds: (now - this.#startedAt) / 1000,
      p50Us: this.#latencies.percentileUs(0.5),
      p99Us: this.#latencies.percentileUs(0.99),
    })
  }
}
