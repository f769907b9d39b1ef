import type { FramePort, Party } from './party.js'
import type { Peer } from './peer.js'

/** Part of the mark below which a queue is nobody's concern. */
const CONCERN_SHARE = 8

/** Whether `source` may have `bytes` more queued toward `target`, of which it gets `shareBytes` at the most; one frame always fits. Counting begins with the first question. */
export function hasRoom(target: Peer, source: Party, bytes: number, shareBytes: number): boolean {
  target.fairShare ??= new FairShare(target.port)
  return target.fairShare.hasRoom(source, bytes, shareBytes)
}

/** Notes a frame of `source` that was just queued toward `target`, where `queuedBytes` were queued before; counting ends when the queue is short again. */
export function noteQueued(target: Peer, source: Party, bytes: number, queuedBytes: number): void {
  if (queuedBytes > target.limits.markBytes / CONCERN_SHARE) target.fairShare!.add(source, bytes)
  else target.fairShare = undefined
}

/**
 * Who filled the queue toward a peer that is behind. Made when the queue passes an eighth of the peer's mark, gone when it has drained: a peer that
 * keeps up costs nothing. One source gets only a part of the mark, so that a flood leaves room for everybody else.
 */
export class FairShare {
  readonly #port: FramePort
  readonly #bytesOf = new Map<Party, number>()
  #entries: { source: Party; bytes: number; place: number }[] = []
  #head = 0

  constructor(port: FramePort) {
    this.#port = port
  }

  /** Whether a frame of `source` still has room. */
  hasRoom(source: Party, bytes: number, shareBytes: number): boolean {
    this.#settle()
    const held = this.#bytesOf.get(source) ?? 0
    return held === 0 || held + bytes <= shareBytes
  }

  /** Notes a frame of `source` that was just queued. */
  add(source: Party, bytes: number): void {
    this.#settle()
    this.#bytesOf.set(source, (this.#bytesOf.get(source) ?? 0) + bytes)
    this.#entries.push({ source, bytes, place: this.#port.sentBytes })
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
