import type { Peer } from '@frontier/exchange'

/** Links that are looked at in one go: together well below a millisecond. */
const LINKS_PER_TURN = 2_000

/** Bytes of links, of those that are up and of those that have gone. */
export class Traffic {
  #goneIn = 0
  #goneOut = 0

  /** `peer` has gone: what it moved stays counted. */
  gone({ link: { pipe } }: Peer): void {
    this.#goneIn += pipe.receivedBytes ?? 0
    this.#goneOut += pipe.writtenBytes ?? 0
  }

  /** The sums now, read from the sockets: counting each chunk would cost every call. Leaves the event loop free in between. */
  async sums(peers: Iterable<Peer>): Promise<{ bytesIn: number; bytesOut: number }> {
    let bytesIn = this.#goneIn
    let bytesOut = this.#goneOut
    let looked = 0
    for (const { link } of [...peers]) {
      // Who goes meanwhile was not among those gone when this began.
      bytesIn += link.pipe.receivedBytes ?? 0
      bytesOut += link.pipe.writtenBytes ?? 0
      if (++looked % LINKS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    return { bytesIn, bytesOut }
  }
}
