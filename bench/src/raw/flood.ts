import { encodeFrame, Flag, FrameType } from '@frontier/wire'

import { ECHO } from '../load.js'
import type { FloodLoad, Flooded } from '../request-load.js'
import type { RawLink, RawSink } from './raw-link.js'

/** Ids of a flood: nobody else gets so far. */
const FIRST_ID = 0x8000_0000
const STEP_MS = 5
const BUDGET_MS = 30_000

/** Acknowledged messages from a service to some edges at a steady pace, whether they are answered or not. Other answers go to whom they belong. */
export class Flood implements RawSink {
  #sent = 0
  #refused = 0
  #acknowledged = 0
  readonly #link: RawLink
  #behind: RawSink
  readonly #timer: NodeJS.Timeout

  constructor(link: RawLink, { toEdges, size, perSecond }: FloodLoad) {
    this.#link = link
    this.#behind = link.sink
    const frames = toEdges.map((id) => encodeFrame({ type: FrameType.MESSAGE, budgetMs: BUDGET_MS, peer: BigInt(id), key: ECHO, data: new Uint8Array(size) }))
    const startedAt = performance.now()
    this.#timer = setInterval(() => {
      // What a late timer has missed is not made up for at once.
      const due = Math.min(((performance.now() - startedAt) * perSecond) / 1000 - this.#sent, (perSecond * STEP_MS * 4) / 1000)
      for (let i = 0; i < due; i++) this.#send(frames[this.#sent % frames.length]!)
    }, STEP_MS)
    link.sink = this
  }

  /** Goes in front of the link's present sink. */
  stepIn(): void {
    if (this.#link.sink !== this) this.#behind = this.#link.sink
    this.#link.sink = this
  }

  get counts(): Flooded {
    return { sent: this.#sent, refused: this.#refused, acknowledged: this.#acknowledged }
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  onFrame(link: RawLink, bytes: Buffer, start: number, end: number): void {
    if (bytes.readUInt32BE(start + 8) < FIRST_ID) this.#behind.onFrame(link, bytes, start, end)
    else if ((bytes[start + 3]! & Flag.ERROR) !== 0) this.#refused++
    else this.#acknowledged++
  }

  #send(frame: Uint8Array): void {
    const at = this.#link.reserve(frame.length)
    this.#link.out.set(frame, at)
    this.#link.out.writeUInt32BE(FIRST_ID + this.#sent++, at + 8)
  }
}
