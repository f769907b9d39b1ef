import type { Link, LinkHandler } from '@frontier/mux'
import { bodyOffset, FIRST_IGNORED_TYPE, Flag, FrameType, FrontierError, joinBytes, MAX_HELLO_BYTES, readFlags, readId, readPeer, readType } from '@frontier/wire'
import type { Deadlined, DeadlineQueue } from './deadline-queue.js'
import type { HelloBudget } from './hello-budget.js'
import { parseHello, type Hello } from './hello.js'

/** What links that have not said HELLO share. */
export interface Lobby {
  readonly waiting: DeadlineQueue<Handshake>
  readonly budget: HelloBudget
  /** Takes a link over, its handler to be set. It also owns `bytes` of the budget from now on. May throw to refuse. */
  admit(link: Link, hello: Hello, bytes: number): void
  /** A link ended before it had said HELLO. */
  onRefused(link: Link, error: FrontierError): void
}

/** A link that has not said HELLO: collects its fragments, and takes nothing else. */
export class Handshake implements LinkHandler, Deadlined {
  deadlineTick = 0
  readonly #lobby: Lobby
  #link!: Link
  #bytes = 0
  #version = 0
  #wantedId = 0n
  #fragments: Uint8Array[] | undefined = undefined

  constructor(lobby: Lobby) {
    this.#lobby = lobby
  }

  /** Begins with the link that this is the handler of. */
  begin(link: Link): void {
    this.#link = link
    this.#lobby.waiting.add(this)
  }

  /** Ends the link with GOODBYE. */
  refuse(error: FrontierError): void {
    this.#link.close(error, true)
  }

  onDeadline(): void {
    this.refuse(new FrontierError('TIMEOUT', 'no HELLO came in time'))
  }

  onControlFrame(bytes: Uint8Array, start: number, end: number): void {
    const type = readType(bytes, start)
    if (type >= FIRST_IGNORED_TYPE) return
    if (type === FrameType.GOODBYE) {
      this.#link.close(new FrontierError('EOF', 'the dialler said goodbye'))
      return
    }
    if (type !== FrameType.HELLO) throw new FrontierError('PROTOCOL_ERROR', `a frame of type 0x${type.toString(16)} came before HELLO`)
    this.#onHello(bytes, start, end)
  }

  onStreamFrame(): void {
    throw new FrontierError('PROTOCOL_ERROR', 'a stream frame came before HELLO')
  }

  onWritable(): void {
    // Nothing waits to be written.
  }

  onClosed(error: FrontierError): void {
    this.#lobby.waiting.remove(this)
    this.#lobby.budget.release(this.#bytes)
    this.#lobby.onRefused(this.#link, error)
  }

  #onHello(bytes: Uint8Array, start: number, end: number): void {
    const flags = readFlags(bytes, start)
    const isFirst = this.#fragments === undefined
    if (isFirst !== ((flags & Flag.CONT) === 0)) throw new FrontierError('PROTOCOL_ERROR', isFirst ? 'the begin of the HELLO is missing' : 'a second HELLO came')
    this.#take(end - start)
    if (isFirst) {
      this.#version = readId(bytes, start)
      this.#wantedId = readPeer(bytes, start)
    }
    const body = bytes.subarray(bodyOffset(bytes, start), end)
    if ((flags & Flag.MORE) === 0) this.#onWhole(isFirst ? body : joinBytes([...this.#fragments!, body]))
    else (this.#fragments ??= []).push(body.slice())
  }

  #take(bytes: number): void {
    if (this.#bytes + bytes > MAX_HELLO_BYTES) throw new FrontierError('PROTOCOL_ERROR', `a HELLO of more than ${MAX_HELLO_BYTES} bytes`)
    const { budget, waiting } = this.#lobby
    while (!budget.take(bytes)) {
      // Whoever is honest says HELLO in one go: the one that has been at it longest goes first.
      const oldest = waiting.oldest()
      if (oldest === undefined || oldest === this) throw new FrontierError('RATE_LIMITED', 'too many links want to be let in at once')
      oldest.refuse(new FrontierError('RATE_LIMITED', 'too many links want to be let in at once'))
    }
    this.#bytes += bytes
  }

  #onWhole(body: Uint8Array): void {
    const hello = parseHello({ version: this.#version, wantedId: this.#wantedId }, body)
    this.#fragments = undefined
    const bytes = this.#bytes
    this.#lobby.waiting.remove(this)
    this.#bytes = 0
    this.#lobby.admit(this.#link, hello, bytes)
  }
}
