import { encodeBodyPrefix, encodeRawFrame, Flag, HEADER_BYTES, NO_BUDGET } from '@frontier/wire'
import type { FragmentWindow } from './fragment-window.js'
import type { LinkedQueue, Queued } from './linked-queue.js'

/** Bodies of at most this many fragments do not wait for PROGRESS (docs/protocol.md, section 5). */
const FREE_FRAGMENTS = 3
/** A window holds so many fragments: one that takes up all of it would keep the line busy for as long as the window is meant to delay others in all. */
const FRAGMENTS_PER_WINDOW = 4
/** The largest budget the header can say, in milliseconds; what is above goes as none. */
export const MAX_BUDGET_MS: number = NO_BUDGET - 1

/** What is left until `deadline` as the header says it: at least 1 ms, none above 2^32-2 ms. */
export function budgetUntil(deadline: number, now: number): number {
  const left = Math.ceil(deadline - now)
  return left > MAX_BUDGET_MS ? NO_BUDGET : Math.max(1, left)
}

/** A body too large for one frame, and how it goes out. */
export interface OutgoingBodyFields {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly peer: bigint
  /** Of the request, on the wheel's clock; Infinity for an answer. */
  readonly deadline: number
  readonly key: Uint8Array
  readonly meta: Uint8Array
  readonly data: Uint8Array
  readonly maxFrameBytes: number
  /** Undefined where something else bounds what is on the way. */
  readonly window: FragmentWindow | undefined
  /** The last fragment was sent. */
  onSent(): void
}

/** Cuts one body into frames, each with a copy of its piece, so that nobody keeps the user's buffer when the request settles. */
export class OutgoingBody implements Queued<OutgoingBody> {
  queue: LinkedQueue<OutgoingBody> | undefined = undefined
  queuePrevious: OutgoingBody | undefined = undefined
  queueNext: OutgoingBody | undefined = undefined
  readonly #fields: OutgoingBodyFields
  readonly #prefix: Uint8Array
  readonly #length: number
  /** What fits one frame. */
  readonly #mostPieceBytes: number
  #sent = 0

  constructor(fields: OutgoingBodyFields) {
    this.#fields = fields
    this.#prefix = encodeBodyPrefix(fields.key, fields.meta)
    this.#length = this.#prefix.length + fields.data.length
    this.#mostPieceBytes = fields.maxFrameBytes - HEADER_BYTES
  }

  get isSent(): boolean {
    return this.#sent === this.#length
  }

  /** Whether the next fragment may go as far as the window is concerned. */
  get mayGoOn(): boolean {
    const { window } = this.#fields
    if (window === undefined || this.#isFree) return true
    return window.hasRoom(Math.min(this.#pieceBytes, this.#length - this.#sent))
  }

  get #isFree(): boolean {
    return this.#length <= FREE_FRAGMENTS * this.#mostPieceBytes
  }

  get #pieceBytes(): number {
    const { window } = this.#fields
    if (window === undefined || this.#isFree) return this.#mostPieceBytes
    return Math.min(this.#mostPieceBytes, Math.floor(window.bytes / FRAGMENTS_PER_WINDOW))
  }

  /** The next frame to send. Tells `onSent` nothing yet: see {@link sent}. */
  nextFrame(now: number): Uint8Array {
    const { type, flags, id, peer, deadline, window } = this.#fields
    const from = this.#sent
    const to = Math.min(from + this.#pieceBytes, this.#length)
    this.#sent = to
    window?.onSent(to, now)
    const more = to < this.#length ? Flag.MORE : 0
    const body = this.#piece(from, to)
    if (from > 0) return encodeRawFrame({ type, flags: Flag.CONT | more, id, body })
    return encodeRawFrame({ type, flags: flags | more, id, peer, budgetMs: budgetUntil(deadline, now), body })
  }

  /** Tells the owner that the last frame was handed to the port. */
  sent(): void {
    this.#fields.onSent()
  }

  /** The receiver has `total` bytes of the body. */
  onProgress(total: number, now: number): void {
    this.#fields.window?.onConfirmed(total, now)
  }

  #piece(from: number, to: number): Uint8Array {
    const { data } = this.#fields
    const prefixLength = this.#prefix.length
    if (from >= prefixLength) return data.subarray(from - prefixLength, to - prefixLength)
    if (to <= prefixLength) return this.#prefix.subarray(from, to)
    const piece = new Uint8Array(to - from)
    piece.set(this.#prefix.subarray(from))
    piece.set(data.subarray(0, to - prefixLength), prefixLength - from)
    return piece
  }
}
