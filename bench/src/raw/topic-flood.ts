import { encodeFrame, Flag, FrameType } from '@frontier/wire'

import { ECHO } from '../load.js'
import type { Flooded, TopicFloodLoad } from '../request-load.js'
import type { RawLink, RawSink } from './raw-link.js'

/** Ids of a flood: nobody else gets so far. */
const FIRST_ID = 0x8000_0000
const STEP_MS = 5
const BUDGET_MS = 30_000

/** Acknowledged messages of all edges, in turn, into their topic, at a steady pace whether they are answered or not. */
export class TopicFlood implements RawSink {
  #sent = 0
  #refused = 0
  #acknowledged = 0
  readonly #timer: NodeJS.Timeout

  /** It takes the links over. */
  constructor(links: readonly RawLink[], { size, perSecond }: TopicFloodLoad) {
    const frame = encodeFrame({ type: FrameType.MESSAGE, budgetMs: BUDGET_MS, key: ECHO, data: new Uint8Array(size).fill(0x61) })
    for (const link of links) link.sink = this
    let lastAt = performance.now()
    let due = 0
    this.#timer = setInterval(() => {
      const now = performance.now()
      // What a late timer has missed is not made up for at once.
      due += (Math.min(now - lastAt, STEP_MS * 4) * perSecond) / 1000
      lastAt = now
      for (; due >= 1; due--) this.#send(links[this.#sent % links.length]!, frame)
    }, STEP_MS)
  }

  get counts(): Flooded {
    return { sent: this.#sent, refused: this.#refused, acknowledged: this.#acknowledged }
  }

  /** Sends no more; answers are still counted. */
  stop(): void {
    clearInterval(this.#timer)
  }

  onFrame(_link: RawLink, bytes: Buffer, start: number): void {
    if (bytes[start + 1] !== FrameType.ACK) return
    if ((bytes[start + 3]! & Flag.ERROR) !== 0) this.#refused++
    else this.#acknowledged++
  }

  #send(link: RawLink, frame: Uint8Array): void {
    const at = link.reserve(frame.length)
    link.out.set(frame, at)
    link.out.writeUInt32BE(FIRST_ID + this.#sent++, at + 8)
  }
}
