import type { FramePort, Party } from './party.js'

/**
 * Who filled the queue toward a peer that is behind. Made when the queue passes an eighth of the peer's mark, gone when it has drained: a peer that
 * keeps up costs nothing. One source gets at most an eighth of the mark, so that a flood leaves room for everybody else.
 */
export class FairShare {
  readonly #port: FramePort
  readonly #shareBytes: number
  readonly #bytesOf = new Map<Party, number>()
  #entries: { source: Party; bytes: number; place: number }[] = []
  #head = 0

  constructor(port: FramePort, markBytes: number) {
    this.#port = port
    this.#shareBytes = markBytes / 8
  }

  /** Whether a frame of `source` still has room. */
  hasRoom(source: Party, bytes: number): boolean {
    this.#settle()
    const held = this.#bytesOf.get(source) ?? 0
    return held === 0 || held + bytes <= this.#shareBytes
  }

  /** Notes a frame of `source` that was just queued. */
  add(source: Party, bytes: number): void {
    this.#bytesOf.set(source, (this.#bytesOf.get(source) ?? 0) + bytes)
    this.#entries.push({ source, bytes, place: this.#port.sentBytes })
  }

  /** Whether everything noted here has left. */
  get isSettled(): boolean {
    this.#settle()
    return this.#entries.length === 0
  }

  #settle(): void {
    const left = this.#port.handedBytes
    let head = this.#head
    for (; head < this.#entries.length && this.#entries[head]!.place <= left; head++) {
      const { source, bytes } = this.#entries[head]!
      const held = this.#bytesOf.get(source)! - bytes
      if (held > 0) this.#bytesOf.set(source, held)
      else this.#bytesOf.delete(source)
    }
    if (head === this.#entries.length) {
      this.#entries = []
      head = 0
    } else if (head > 1024) {
      this.#entries = this.#entries.slice(head)
      head = 0
    }
    this.#head = head
  }
}
