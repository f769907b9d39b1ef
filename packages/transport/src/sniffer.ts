import type { Socket } from 'node:net'

import { DeadlineQueue } from './deadline-queue.js'
import type { RefusalReason } from './options.js'
import { matchProtocol } from './protocol-match.js'
import { adoptSocket, type SocketOwner } from './socket-owner.js'

/** What becomes of connections that were looked at. */
export interface SnifferHandler {
  /** It speaks Frontier, and `head` is what it said so far. The new owner must be given at once. */
  onLink(socket: Socket, remoteAddress: string, head: Uint8Array): void
  onRefused(remoteAddress: string, reason: RefusalReason): void
}

/** A connection that has not shown its protocol. */
class SniffedSocket implements SocketOwner {
  readonly socket: Socket
  readonly remoteAddress: string
  readonly #sniffer: Sniffer
  #head: Uint8Array | undefined = undefined

  constructor(socket: Socket, remoteAddress: string, sniffer: Sniffer) {
    this.socket = socket
    this.remoteAddress = remoteAddress
    this.#sniffer = sniffer
  }

  onData(chunk: Uint8Array): void {
    const head = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk])
    const outcome = matchProtocol(head)
    if (outcome === undefined) this.#head = head
    else if (outcome === 'link') this.#sniffer.pass(this, head)
    else this.#sniffer.refuse(this, outcome)
  }

  onFin(): void {
    // A probe: it connected and left.
    this.#sniffer.forget(this)
    this.socket.destroy()
  }

  onDrain(): void {
    // Nothing is written before the protocol is known.
  }

  onError(): void {
    // 'close' follows.
  }

  onClosed(): void {
    this.#sniffer.forget(this)
  }
}

/** Looks at the first bytes of connections, and closes those that stay silent, with one timer for all of them. */
export class Sniffer {
  readonly #undecided: DeadlineQueue<SniffedSocket>
  readonly #maxSniffing: number
  readonly #handler: SnifferHandler

  constructor(limits: { sniffTimeoutMs: number; maxSniffing: number }, handler: SnifferHandler) {
    this.#handler = handler
    this.#maxSniffing = limits.maxSniffing
    this.#undecided = new DeadlineQueue(limits.sniffTimeoutMs, (sniffed) => this.refuse(sniffed, 'silence'))
  }

  /** How many connections have not shown their protocol. */
  get size(): number {
    return this.#undecided.size
  }

  add(socket: Socket, remoteAddress: string): void {
    // The oldest one goes: a client that means it speaks at once, so a flood of silent ones cannot lock others out.
    if (this.#undecided.size >= this.#maxSniffing) this.refuse(this.#undecided.oldest!, 'too-many')
    const sniffed = new SniffedSocket(socket, remoteAddress, this)
    this.#undecided.add(sniffed)
    adoptSocket(socket, sniffed)
  }

  pass(sniffed: SniffedSocket, head: Uint8Array): void {
    this.#undecided.delete(sniffed)
    this.#handler.onLink(sniffed.socket, sniffed.remoteAddress, head)
  }

  refuse(sniffed: SniffedSocket, reason: RefusalReason): void {
    this.#undecided.delete(sniffed)
    const { socket, remoteAddress } = sniffed
    socket.destroy()
    this.#handler.onRefused(remoteAddress, reason)
  }

  forget(sniffed: SniffedSocket): void {
    this.#undecided.delete(sniffed)
  }

  /** Closes all connections that are undecided. */
  close(): void {
    for (const { socket } of this.#undecided.clear()) socket.destroy()
  }
}
