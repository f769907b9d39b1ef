import { FrontierError } from '@frontier/wire'

import { nextTurn } from './next-turn.js'
import { LINGER_MS, type BytePipe, type PipeHandler } from './pipe.js'

/** One end of a pipe in memory. Like a socket it copies what is written, and delivers in later turns of the event loop. */
export class MemoryPipe implements BytePipe {
  readonly remoteAddress: string
  #peer: MemoryPipe | undefined = undefined
  #handler: PipeHandler | undefined = undefined
  /** What the peer has written and this end has not delivered. */
  #inbox: Uint8Array[] = []
  #inboxBytes = 0
  /** The peer has written its last. */
  #hasFin = false
  #isPaused = false
  #isScheduled = false
  #isBlocked = false
  #isClosed = false
  #hasEnded = false
  #endError: FrontierError | undefined = undefined
  #linger: ReturnType<typeof setTimeout> | undefined = undefined

  private constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress
  }

  /** Two ends that are connected. */
  static pair(name: string): [MemoryPipe, MemoryPipe] {
    const ends: [MemoryPipe, MemoryPipe] = [new MemoryPipe(`memory:${name}`), new MemoryPipe(`memory:${name}`)]
    ends[0].#peer = ends[1]
    ends[1].#peer = ends[0]
    return ends
  }

  get queuedBytes(): number {
    return this.#peer === undefined ? 0 : this.#peer.#inboxBytes
  }

  start(handler: PipeHandler): void {
    if (this.#handler !== undefined) throw new FrontierError('INVALID_ARGUMENT', 'the pipe was started before')
    this.#handler = handler
    this.#schedule()
  }

  write(chunks: readonly Uint8Array[]): void {
    const peer = this.#peer
    if (this.#isClosed || peer === undefined) return
    let length = 0
    for (const chunk of chunks) length += chunk.length
    if (length === 0) return
    const copy = new Uint8Array(length)
    let offset = 0
    for (const chunk of chunks) {
      copy.set(chunk, offset)
      offset += chunk.length
    }
    peer.#inbox.push(copy)
    peer.#inboxBytes += length
    this.#isBlocked = true
    peer.#schedule()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#schedule()
  }

  end(): void {
    if (this.#isClosed) return
    this.#closeWriting()
    this.#linger = setTimeout(() => this.destroy(), LINGER_MS)
    // In Node a pipe in memory must not keep the process alive; elsewhere timers are numbers.
    if (typeof this.#linger === 'object') this.#linger.unref()
  }

  destroy(error?: FrontierError): void {
    const peer = this.#peer
    if (peer === undefined) return
    this.#peer = undefined
    this.#isClosed = true
    this.#endError ??= error
    peer.#dropConnection()
    this.#inbox = []
    this.#inboxBytes = 0
    this.#schedule()
  }

  #closeWriting(): void {
    this.#isClosed = true
    const peer = this.#peer
    if (peer === undefined) return
    peer.#hasFin = true
    peer.#schedule()
  }

  /** The peer destroyed its end: what it had written still arrives, as from a socket. */
  #dropConnection(): void {
    this.#peer = undefined
    this.#isClosed = true
    this.#hasFin = true
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#handler === undefined || this.#hasEnded) return
    this.#isScheduled = true
    nextTurn(() => this.#deliver())
  }

  #deliver(): void {
    this.#isScheduled = false
    const handler = this.#handler
    if (handler === undefined || this.#hasEnded) return
    const inbox = this.#inbox
    let taken = 0
    // A handler that pauses, or destroys the pipe, leaves the rest; what comes meanwhile waits for the next turn.
    for (const end = inbox.length; taken < end && !this.#isPaused && this.#inbox === inbox; ) {
      const chunk = inbox[taken++]!
      this.#inboxBytes -= chunk.length
      handler.onBytes(chunk)
    }
    if (this.#inbox === inbox) inbox.splice(0, taken)
    const writer = this.#peer
    if (writer !== undefined) writer.#tellDrained()
    if (this.#inbox.length > 0) {
      if (!this.#isPaused) this.#schedule()
    } else if (this.#hasFin || (this.#isClosed && this.#peer === undefined)) {
      if (!this.#isPaused || this.#peer === undefined) this.#finish()
    }
  }

  #tellDrained(): void {
    if (!this.#isBlocked || this.queuedBytes > 0) return
    this.#isBlocked = false
    if (!this.#hasEnded) this.#handler?.onDrained()
  }

  #finish(): void {
    this.#hasEnded = true
    clearTimeout(this.#linger)
    if (!this.#isClosed) this.#closeWriting()
    this.#handler?.onEnd(this.#endError)
  }
}
