import { Flag, FrameType } from '@frontier/wire'

import type { RawLink, RawSink } from './raw-link.js'
import type { RequestRound } from './request-round.js'

const ID_AT = 8
const PEER_AT = 16
/** An answer's error code is behind its header and the code's length. */
const ERROR_AT = 26

/** What the requests of a round look like, and their answers. */
export interface RequestShape {
  /** Sent in turn, each with an id of its own. */
  readonly frames: readonly Uint8Array[]
  /** Undefined: whatever comes is an answer. */
  readonly answerType: number | undefined
  readonly answerBytes: number
  /** The ids of the edges asked, as high and low half; empty when an edge asks. */
  readonly peers: Uint32Array
}

/** The requests in flight on one link. An id is its place's last one plus the number of places, so that it tells its place. */
export class RequestLane implements RawSink {
  /** Whom the request in each place asks. */
  readonly targets: Uint32Array
  isBusy = false
  readonly #round: RequestRound
  readonly #link: RawLink
  readonly #shape: RequestShape
  readonly #mask: number
  /** The id that each place waits for, or will have next. */
  readonly #ids: Uint32Array
  /** When each was sent; 0 = nothing is waited for. */
  readonly #sentAt: Float64Array
  #nextFrame = 0

  constructor(round: RequestRound, link: RawLink, shape: RequestShape, { places, firstId }: { places: number; firstId: number }) {
    this.#round = round
    this.#link = link
    this.#shape = shape
    const room = 2 ** Math.ceil(Math.log2(places))
    this.#mask = room - 1
    const first = Math.ceil(firstId / room) * room
    this.#ids = Uint32Array.from({ length: room }, (_, place) => first + place)
    this.#sentAt = new Float64Array(room)
    this.targets = new Uint32Array(room)
    link.sink = this
  }

  get nextId(): number {
    return Math.max(...this.#ids) + 1
  }

  /** Sends one request from a free place. */
  ask(place: number, target: number, now: number): void {
    const { frames, peers } = this.#shape
    const frame = frames[this.#nextFrame]!
    this.#nextFrame = this.#nextFrame + 1 === frames.length ? 0 : this.#nextFrame + 1
    this.targets[place] = target
    this.#sentAt[place] = now
    this.isBusy = true
    const at = this.#link.reserve(frame.length)
    const { out } = this.#link
    out.set(frame, at)
    out.writeUInt32BE(this.#ids[place]!, at + ID_AT)
    if (peers.length === 0) return
    out.writeUInt32BE(peers[target * 2]!, at + PEER_AT)
    out.writeUInt32BE(peers[target * 2 + 1]!, at + PEER_AT + 4)
  }

  onFrame(link: RawLink, bytes: Buffer, start: number, end: number): void {
    const { answerType, answerBytes } = this.#shape
    if (answerType !== undefined && bytes[start + 1] !== answerType) {
      if (bytes[start + 1] !== FrameType.PONG) this.#round.fail(`a frame of type ${bytes[start + 1]} came`)
      return
    }
    if (end - start !== answerBytes || (answerType !== undefined && (bytes[start + 3]! & Flag.ERROR) !== 0)) {
      this.#round.fail(`a request failed: ${bytes.toString('latin1', start + ERROR_AT, Math.min(end, start + 200))}`)
      return
    }
    const id = bytes.readUInt32BE(start + ID_AT)
    const place = id & this.#mask
    const sentAt = this.#sentAt[place]!
    if (this.#ids[place] !== id || sentAt === 0) {
      this.#round.fail(`an answer to ${id} came, which does not wait for one`)
      return
    }
    this.#sentAt[place] = 0
    this.#ids[place] = id + this.#mask + 1
    this.isBusy = false
    const now = link.heardAt
    this.#round.latencies.add(now - sentAt)
    this.#round.answered(this, place, now)
  }
}
