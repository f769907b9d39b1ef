import { encodeFrame, FrameType, HEADER_BYTES } from '@frontier/wire'

import { LatencyHistogram } from '../latency-histogram.js'
import { requestNames, type RequestLoad, type RequestOutcome, type RequesterTarget } from '../request-load.js'
import type { RawLink } from './raw-link.js'
import { RequestLane, type RequestShape } from './request-lane.js'

/** What the SDKs give a request when nothing else is said. */
const BUDGET_MS = 30_000
const EMPTY_KEY_AND_META = 6
/** How long after its time a round waits for answers. */
const PATIENCE_MS = 20_000

/** Keeps a number of requests in flight for a while; one round. Each answer must be of the size, and to a request that waits for it. */
export class RequestRound {
  readonly latencies: LatencyHistogram = new LatencyHistogram()
  readonly #load: RequestLoad
  readonly #lanes: RequestLane[]
  readonly #targets: number
  /** Fewer requests than edges: an answer makes way for a request of the next edge, not of the same. */
  readonly #goesRound: boolean
  #nextTarget = 0
  #endsAt = 0
  #startedAt = 0
  #sent = 0
  #answered = 0
  #timer: NodeJS.Timeout | undefined
  #resolve!: (outcome: RequestOutcome) => void
  #reject!: (error: Error) => void

  /** Over all `links`, each with ids from `firstId` on. */
  constructor(links: readonly RawLink[], target: RequesterTarget, load: RequestLoad, firstId: number) {
    this.#load = load
    const shape = shapeOf(target, load.size)
    this.#targets = Math.max(links.length, target.toEdges.length)
    this.#goesRound = load.inFlight < this.#targets
    const places = Math.ceil(load.inFlight / links.length)
    this.#lanes = links.map((link) => new RequestLane(this, link, shape, { places, firstId }))
  }

  /** Resolves when the time is over and every request is answered; rejects when one fails. */
  run(): Promise<RequestOutcome> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#timer = setTimeout(() => {
        this.fail(`${this.#sent - this.#answered} of ${this.#sent} requests are still unanswered`)
      }, this.#load.durationMs + PATIENCE_MS)
      this.#startedAt = performance.now()
      this.#endsAt = this.#startedAt + this.#load.durationMs
      const lanes = this.#lanes
      for (let i = 0; i < this.#load.inFlight; i++) {
        this.#sent++
        lanes[i % lanes.length]!.ask(Math.floor(i / lanes.length), this.#takeTurn(), this.#startedAt)
      }
    })
  }

  /** The id after all that were used on any link. */
  get nextId(): number {
    return this.#lanes.reduce((highest, { nextId }) => Math.max(highest, nextId), 0)
  }

  /** Called by a lane with each good answer. */
  answered(lane: RequestLane, place: number, now: number): void {
    this.#answered++
    if (now >= this.#endsAt) {
      if (this.#answered === this.#sent) this.#finish(now)
      return
    }
    this.#sent++
    if (this.#goesRound) this.#askNext(lane, place, now)
    else lane.ask(place, lane.targets[place]!, now)
  }

  fail(message: string): void {
    clearTimeout(this.#timer)
    this.#reject(new Error(message))
  }

  #askNext(lane: RequestLane, place: number, now: number): void {
    const lanes = this.#lanes
    if (lanes.length === 1) {
      lane.ask(place, this.#takeTurn(), now)
      return
    }
    let target = this.#takeTurn()
    // Whose answer is late misses a turn.
    while (lanes[target]!.isBusy) target = this.#takeTurn()
    lanes[target]!.ask(0, target, now)
  }

  #takeTurn(): number {
    const target = this.#nextTarget
    this.#nextTarget = target + 1 === this.#targets ? 0 : target + 1
    return target
  }

  #finish(now: number): void {
    clearTimeout(this.#timer)
    this.#resolve({
      requests: this.#answered,
      seconds: (now - this.#startedAt) / 1000,
      p50Us: this.latencies.percentileUs(0.5),
      p99Us: this.latencies.percentileUs(0.99),
    })
  }
}

function shapeOf({ kind, names, toEdges, bare }: RequesterTarget, size: number): RequestShape {
  const data = new Uint8Array(size).fill(0x61)
  const isCall = kind === 'call'
  const type = isCall ? FrameType.CALL : FrameType.MESSAGE
  return {
    frames: requestNames(names).map((key) => encodeFrame({ type, budgetMs: BUDGET_MS, key, data })),
    // From a bare relay every frame is an answer, also one whose type is lost.
    answerType: bare ? undefined : isCall ? FrameType.ANSWER : FrameType.ACK,
    answerBytes: HEADER_BYTES + (isCall ? EMPTY_KEY_AND_META + size : 0),
    peers: Uint32Array.from(toEdges.flatMap((id) => [Number(BigInt(id) >> 32n), Number(BigInt(id) & 0xffff_ffffn)])),
  }
}
