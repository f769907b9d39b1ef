import type { Socket } from 'node:net'

import { FrontierError } from '@frontier/wire'

import { LINGER_MS, type BytePipe, type PeerIdentity, type PipeHandler } from './pipe.js'
import type { SocketOwner } from './socket-owner.js'
import { brokenPipe } from './system-error.js'

/** Every socket is made with this mark, so that it tells of each time its queue ran empty, not only of long queues. */
export const SOCKET_HIGH_WATER_MARK = 1

function destroySocket(socket: Socket): void {
  socket.destroy()
}

/** A pipe over a TCP, unix or TLS socket whose events it owns. The socket must have been paused, or be given its first bytes by `begin`. */
export class SocketPipe implements BytePipe, SocketOwner {
  readonly remoteAddress: string
  declare readonly identity?: PeerIdentity
  readonly #socket: Socket
  #handler: PipeHandler | undefined = undefined
  /** Set by a write that the kernel did not take at once, until `onDrained`. */
  #isBlocked = false
  /** No more writes: our `end` or `destroy`, the peer's FIN, or an error. */
  #isClosed = false
  /** `onEnd` was called, or is due once there is a handler. */
  #hasEnded = false
  #endError: FrontierError | undefined = undefined
  #linger: NodeJS.Timeout | undefined = undefined
  /** Accepted TLS sockets cannot be given the mark; they tell by this callback, which only they have. */
  #onTaken: (() => void) | undefined = undefined

  constructor(socket: Socket, remoteAddress: string, identity?: PeerIdentity) {
    this.#socket = socket
    this.remoteAddress = remoteAddress
    if (identity !== undefined) this.identity = identity
    if (socket.writableHighWaterMark > SOCKET_HIGH_WATER_MARK) this.#onTaken = () => this.onDrain()
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead
  }

  get writtenBytes(): number {
    return this.#socket.bytesWritten
  }

  start(handler: PipeHandler): void {
    if (this.#handler !== undefined) throw new FrontierError('INVALID_ARGUMENT', 'the pipe was started before')
    this.#handler = handler
    if (this.#hasEnded) queueMicrotask(() => handler.onEnd(this.#endError))
    else this.#socket.resume()
  }

  /**
   * The first bytes, which were read to see what they are; called right behind the event that brought them. A pipe that was started meanwhile takes them
   * at once: to pause the socket and have them again costs two system calls and another run of its reading (docs/performance.md).
   */
  begin(head: Uint8Array): void {
    if (this.#handler !== undefined) {
      this.onData(head)
      return
    }
    this.#socket.pause()
    this.#socket.unshift(head)
  }

  write(chunks: readonly Uint8Array[]): void {
    if (this.#isClosed) return
    const socket = this.#socket
    const last = chunks.length - 1
    if (last > 0) {
      socket.cork()
      for (let index = 0; index < last; index++) socket.write(chunks[index]!)
      socket.write(chunks[last]!, this.#onTaken)
      socket.uncork()
    } else if (last === 0) socket.write(chunks[0]!, this.#onTaken)
    if (!this.#isBlocked && socket.writableLength > 0) this.#isBlocked = true
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    if (this.#handler !== undefined) this.#socket.resume()
  }

  end(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket.end()
    this.#lingerThenDestroy()
  }

  destroy(error?: FrontierError): void {
    if (this.#hasEnded) {
      // The peer is gone already, and what was queued for it need not wait any longer.
      this.#socket.destroy()
      return
    }
    this.#isClosed = true
    this.#endError ??= error
    this.#socket.destroy()
  }

  /** For the socket's events only, like the four below. */
  onData(chunk: Uint8Array): void {
    // A chunk that was under way when the handler destroyed the pipe is nobody's.
    if (this.#hasEnded || this.#socket.destroyed) return
    // Not the Buffer that it is: `slice` of a Buffer copies nothing, and whoever keeps a piece for ever would keep all of it.
    this.#handler?.onBytes(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length))
  }

  onFin(): void {
    // Node ends our side, too, after what is queued; a peer that does not read must not keep it for ever.
    this.#lingerThenDestroy()
    this.#finish()
  }

  onDrain(): void {
    if (!this.#isBlocked || this.#socket.writableLength > 0 || this.#socket.destroyed) return
    this.#isBlocked = false
    if (!this.#hasEnded) this.#handler?.onDrained()
  }

  onError(error: Error): void {
    this.#isClosed = true
    this.#endError ??= brokenPipe(error)
  }

  onClosed(): void {
    clearTimeout(this.#linger)
    this.#linger = undefined
    this.#finish()
  }

  #lingerThenDestroy(): void {
    // Node keeps timers of one length in one list; unref: the socket itself keeps the process alive.
    this.#linger ??= setTimeout(destroySocket, LINGER_MS, this.#socket).unref()
  }

  #finish(): void {
    this.#isClosed = true
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#handler?.onEnd(this.#endError)
  }
}
