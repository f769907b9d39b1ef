import { FrontierError, STREAM_HEADER_BYTES, toFrontierError } from '@frontier/wire'
import { Inbox } from './raw-stream-inbox.js'
import { Outbox } from './raw-stream-outbox.js'
import type { RawStream, RawStreamHandler } from './raw-stream.js'
import { StreamPace } from './stream-pace.js'
import { encodeYamux, INITIAL_WINDOW_BYTES, readYamuxFlags, readYamuxLength, readYamuxType, YamuxFlag, YamuxType } from './yamux-frame.js'
import { ReceiveWindow, type WindowGrowth } from './yamux-receive-window.js'

/** `write` says false above this many queued bytes, and `onDrained` follows at half of it: two full frames wait, one at least is ready to go. */
const FULL_BYTES = 65_536
const DRAINED_BYTES = FULL_BYTES / 2
/** More credit than any window can have. */
const MOST_CREDIT_BYTES = 0xffff_ffff

/** What a stream needs of its lane. */
export interface StreamHost {
  readonly maxBodyBytes: number
  readonly growth: WindowGrowth
  /** Whether others than streams use the link now. */
  readonly isShared: boolean
  /** Sends a whole frame now, whether the port is writable or not: for frames without data, and in one's turn. */
  emit(frame: Uint8Array): void
  /** The stream has bytes to send and credit for them; `takeTurn` is called when it is its turn. */
  wantTurn(stream: LaneStream): void
  /** The stream is over. `isReset`: by us, so that frames of the peer may still come. */
  forget(stream: LaneStream, isReset: boolean): void
}

/** One stream of a lane: the state machine of yamux. The opener's sends SYN at once, the acceptor's answers the SYN that will come. */
export class LaneStream implements RawStream {
  readonly id: number
  /** Whether the stream stands in the lane's line of turns. */
  isInLine = false
  readonly #host: StreamHost
  readonly #window: ReceiveWindow
  readonly #inbox = new Inbox()
  readonly #outbox = new Outbox()
  #handler: RawStreamHandler | undefined = undefined
  #creditBytes = INITIAL_WINDOW_BYTES
  /** Made with the first full frame. */
  #pace: StreamPace | undefined = undefined
  /** ACK until the acceptor's first frame has left. */
  #nextFlag: number
  #expectsSyn: boolean
  #isPaused = false
  #isDelivering = false
  #isFull = false
  #wantsFin = false
  #sentFin = false
  #receivedFin = false
  #toldEnd = false
  #isOver = false
  /** Why the stream is over, until the handler was told. */
  #error: FrontierError | undefined = undefined

  constructor(host: StreamHost, id: number, isOpener: boolean) {
    this.id = id
    this.#host = host
    this.#window = new ReceiveWindow(host.growth)
    this.#nextFlag = isOpener ? YamuxFlag.SYN : YamuxFlag.ACK
    this.#expectsSyn = !isOpener
    if (isOpener) this.#emitUpdate(0, 0)
  }

  get handler(): RawStreamHandler | undefined {
    return this.#handler
  }

  set handler(handler: RawStreamHandler | undefined) {
    this.#handler = handler
    if (this.#inbox.bytes > 0 || this.#receivedFin || this.#error !== undefined) {
      queueMicrotask(() => {
        this.#deliver()
      })
    }
  }

  get queuedBytes(): number {
    return this.#outbox.bytes
  }

  /** What the peer may have on the way at most. */
  get windowBytes(): number {
    return this.#window.windowBytes
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isOver || this.#wantsFin) return false
    if (bytes.length > 0) this.#outbox.push(bytes)
    this.#askForTurn()
    // Sticky: whoever saw a false waits for onDrained, also when another writer's small frame finds room meanwhile.
    if (this.#outbox.bytes > FULL_BYTES) this.#isFull = true
    return !this.#isFull
  }

  end(): void {
    if (this.#isOver || this.#wantsFin) return
    this.#wantsFin = true
    if (this.#outbox.bytes === 0) this.#emitFin()
  }

  reset(): void {
    if (this.#isOver) return
    this.#emitUpdate(YamuxFlag.RST, 0)
    this.#inbox.clear()
    this.#finish(true)
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#deliver()
  }

  /** A frame of this stream, checked as far as that goes without knowing the stream; the last bytes of a DATA frame may lie elsewhere, in `tail`. */
  onFrame(bytes: Uint8Array, start: number, end: number, tail?: Uint8Array): void {
    const flags = readYamuxFlags(bytes, start)
    if ((flags & YamuxFlag.RST) !== 0) {
      // A reset by the other end was announced on the control lane and has ended this stream before: here its link went (docs/protocol.md, 7.7).
      this.onLinkEnd(new FrontierError('EOF', 'the stream broke off: the link of the other end went', { origin: 'gateway', delivered: 'maybe' }))
      return
    }
    if ((flags & YamuxFlag.SYN) !== 0 && !this.#onSyn()) return
    if (readYamuxType(bytes, start) === YamuxType.WINDOW_UPDATE) {
      if ((flags & YamuxFlag.ARRIVED) !== 0) this.#pace?.onArrived()
      this.#onCredit(readYamuxLength(bytes, start))
    } else {
      // Told at once, paused or not: the sender measures the way, not the reader.
      if ((flags & YamuxFlag.MARK) !== 0 && !this.#isOver) this.#emitUpdate(YamuxFlag.ARRIVED, 0)
      if (end - start > STREAM_HEADER_BYTES) this.#onData(bytes.subarray(start + STREAM_HEADER_BYTES, end))
      if (tail !== undefined && !this.#isOver) this.#onData(tail)
    }
    if ((flags & YamuxFlag.FIN) !== 0) this.#onFin()
  }

  /** Sends one frame, if there are bytes and credit; whether there is more that could be sent at once. */
  takeTurn(): boolean {
    if (this.#isOver) return false
    const outbox = this.#outbox
    const length = Math.min(outbox.bytes, this.#creditBytes, this.#roomBytes, this.#host.maxBodyBytes)
    if (length > 0) {
      const frame = encodeYamux(YamuxType.DATA, this.#nextFlag | this.#paced(length), this.id, length)
      this.#nextFlag = 0
      outbox.moveInto(frame, STREAM_HEADER_BYTES, length)
      this.#creditBytes -= length
      this.#host.emit(frame)
    }
    if (outbox.bytes === 0 && this.#wantsFin && !this.#sentFin) this.#emitFin()
    if (this.#isFull && outbox.bytes <= DRAINED_BYTES) this.#tellDrained()
    return outbox.bytes > 0 && this.#creditBytes > 0 && this.#roomBytes > 0
  }

  /** The link, or that of the other end, is gone: the handler gets what is unread and a FIN that was seen, pause or not, and then `error`. */
  onLinkEnd(error: FrontierError): void {
    if (this.#isOver) return
    this.#finish(false)
    this.#error = error
    this.#deliver()
  }

  /** The peer broke the rules, or our handler threw: this stream is reset, the lane goes on. */
  #fault(error: FrontierError): void {
    if (this.#isOver) return
    this.#emitUpdate(YamuxFlag.RST, 0)
    this.#fail(error, true)
  }

  #fail(error: FrontierError, isReset: boolean): void {
    this.#inbox.clear()
    this.#toldEnd = true
    this.#finish(isReset)
    this.#error = error
    this.#deliver()
  }

  #onSyn(): boolean {
    if (!this.#expectsSyn) {
      this.#fault(new FrontierError('PROTOCOL_ERROR', 'a stream was begun a second time', { origin: 'peer' }))
      return false
    }
    this.#expectsSyn = false
    if (this.#nextFlag !== 0) this.#emitUpdate(0, 0)
    return true
  }

  #onCredit(bytes: number): void {
    this.#creditBytes += bytes
    if (this.#creditBytes > MOST_CREDIT_BYTES) {
      this.#fault(new FrontierError('PROTOCOL_ERROR', 'a stream was given more credit than there is', { origin: 'peer' }))
      return
    }
    this.#askForTurn()
  }

  #onData(bytes: Uint8Array): void {
    if (this.#receivedFin || !this.#window.arrive(bytes.length)) {
      const problem = this.#receivedFin ? 'data came behind the end of a stream' : 'a stream sent more than it had credit for'
      this.#fault(new FrontierError('PROTOCOL_ERROR', problem, { origin: 'peer' }))
      return
    }
    if (this.#handler === undefined || this.#isPaused || this.#isDelivering || this.#inbox.bytes > 0) this.#inbox.push(bytes)
    else {
      this.#handOver(this.#handler, bytes)
      // What the handler did may have made more of it, or an error, due.
      if (this.#inbox.bytes > 0 || this.#error !== undefined) this.#deliver()
    }
  }

  #onFin(): void {
    if (this.#receivedFin || this.#isOver) return
    this.#receivedFin = true
    if (this.#sentFin) this.#finish(false)
    this.#deliver()
  }

  /** Hands over what waits, as far as it may: bytes, then the end, or the error. */
  #deliver(): void {
    const inbox = this.#inbox
    while (this.#handler !== undefined && !this.#isDelivering) {
      if (inbox.bytes > 0) {
        if (this.#isPaused && this.#error === undefined) return
        this.#handOver(this.#handler, inbox.shift()!)
      } else if (this.#receivedFin && !this.#toldEnd) {
        this.#toldEnd = true
        this.#tell((handler) => {
          handler.onEnd()
        })
      } else if (this.#error !== undefined) {
        const error = this.#error
        const handler = this.#handler
        this.#error = undefined
        this.#toldEnd = true
        handler.onReset(error)
      } else return
    }
  }

  #handOver(handler: RawStreamHandler, chunk: Uint8Array): void {
    this.#isDelivering = true
    let thrown: FrontierError | undefined
    try {
      handler.onBytes(chunk)
    } catch (error) {
      thrown = toFrontierError(error, 'PROTOCOL_ERROR')
    }
    this.#isDelivering = false
    if (thrown !== undefined) this.#fault(thrown)
    else if (!this.#receivedFin && !this.#isOver) {
      const grant = this.#window.consume(chunk.length)
      if (grant > 0) this.#emitUpdate(0, grant)
    }
  }

  #tellDrained(): void {
    this.#isFull = false
    this.#tell((handler) => {
      handler.onDrained()
    })
  }

  #tell(event: (handler: RawStreamHandler) => void): void {
    if (this.#handler === undefined) return
    try {
      event(this.#handler)
    } catch (error) {
      this.#fault(toFrontierError(error, 'PROTOCOL_ERROR'))
    }
  }

  #askForTurn(): void {
    if (!this.isInLine && this.#outbox.bytes > 0 && this.#creditBytes > 0 && this.#roomBytes > 0) this.#host.wantTurn(this)
  }

  get #roomBytes(): number {
    return this.#pace === undefined ? Number.POSITIVE_INFINITY : this.#pace.room
  }

  /** Counts a data frame in; the flag it has for that. */
  #paced(length: number): number {
    if (length === this.#host.maxBodyBytes) {
      this.#pace ??= new StreamPace(() => {
        this.#askForTurn()
      })
    }
    return this.#pace?.onSend(length, this.#host.isShared) === true ? YamuxFlag.MARK : 0
  }

  #emitFin(): void {
    this.#sentFin = true
    this.#emitUpdate(YamuxFlag.FIN, 0)
    if (this.#receivedFin) this.#finish(false)
  }

  #emitUpdate(flags: number, grant: number): void {
    this.#host.emit(encodeYamux(YamuxType.WINDOW_UPDATE, flags | this.#nextFlag, this.id, grant))
    this.#nextFlag = 0
  }

  #finish(isReset: boolean): void {
    this.#isOver = true
    this.#pace?.stop()
    this.#outbox.clear()
    this.#window.release()
    this.#host.forget(this, isReset)
  }
}
