import type { BytePipe, PipeHandler } from '@frontier/transport'
import { encodeError, FrameDecoder, FrameType, FrontierError, toFrontierError, type FrameSink, type SplitFrame } from '@frontier/wire'
import { FrameQueue } from './frame-queue.js'
import { sharedFlushQueue, type Flushable, type FlushQueue } from './flush-queue.js'
import { sharedSweep } from './sweep.js'

/** At most this much stream data waits in the socket's queue ahead of control frames (DESIGN section 4). */
const STREAM_AHEAD_BYTES = 65_536
/** What one write hands to the socket of a peer that takes its time; the rest stays here, where it can still be routed anew. */
const WRITE_BYTES = 262_144
/**
 * So many control bytes are written in the middle of a turn, so that the other side begins while this one still works: one write per turn made
 * everybody on the way of 512 calls wait for everybody else (1.3 to 1.9 times the calls of a bare relay through the gateway, 0.42 to 0.62 with the SDKs;
 * docs/performance.md). It also keeps a burst in one turn from being taken for a slow peer: one source has 128 KiB of an edge's queue.
 */
const EARLY_WRITE_BYTES = 16_384
/** Writes in one turn before other links get theirs, and before whoever fills the stream lane is told to wait. */
const WRITES_PER_TURN = 8

/** Takes the frames of a link and hears of its end. A FrontierError thrown while taking a frame closes the link with GOODBYE and that code. */
export interface LinkHandler extends FrameSink {
  /** `streamWritable` is true again after somebody saw it false. */
  onWritable(): void
  /** The link is over. Called once. */
  onClosed(error: FrontierError): void
}

/** Where a link takes its coarse time and its place in the turn from. */
export interface LinkOptions {
  /** Longest frame taken; 32,768 by default. */
  maxFrameBytes?: number
  clock?: { readonly tick: number }
  flushQueue?: FlushQueue
}

/**
 * One byte pipe with its two lanes. Frames go out in whole turns of the event loop: everything queued in one turn leaves in one write, control
 * frames ahead of stream frames; only of many control frames 16 KiB each leave as soon as they are there. Nothing is dropped here; who fills the
 * queues watches `queuedBytes`.
 */
export class Link implements PipeHandler, Flushable {
  /** Tick of the clock when bytes were last received. */
  lastHeardTick: number
  /** Tick of the clock when bytes were last written. */
  lastSentTick: number
  /** Control bytes queued since the link began; a frame's place on this line, against `handedBytes`, tells whether it ever left. */
  sentBytes = 0
  readonly pipe: BytePipe
  #handler: LinkHandler
  readonly #decoder: FrameDecoder
  readonly #clock: { readonly tick: number }
  readonly #flushQueue: FlushQueue
  readonly #control = new FrameQueue()
  #streams: FrameQueue | undefined = undefined
  /** Writes of stream data in the middle of this turn. */
  #streamWrites = 0
  #isScheduled = false
  /** Control bytes written in the middle of this turn. */
  #earlyBytes = 0
  #isBlocked = false
  #wantsWritable = false
  #isOpen = true

  constructor(pipe: BytePipe, handler: LinkHandler, options: LinkOptions = {}) {
    this.pipe = pipe
    this.#handler = handler
    this.#decoder = new FrameDecoder(handler, options.maxFrameBytes)
    this.#clock = options.clock ?? sharedSweep
    this.#flushQueue = options.flushQueue ?? sharedFlushQueue
    this.lastHeardTick = this.#clock.tick
    this.lastSentTick = this.#clock.tick
    pipe.start(this)
  }

  /** Who takes the frames: first whoever does the handshake, then the peer that came of it. */
  get handler(): LinkHandler {
    return this.#handler
  }

  set handler(handler: LinkHandler) {
    this.#handler = handler
    this.#decoder.sink = handler
  }

  get maxFrameBytes(): number {
    return this.#decoder.maxFrameBytes
  }

  set maxFrameBytes(value: number) {
    this.#decoder.maxFrameBytes = value
  }

  get isClosed(): boolean {
    return !this.#isOpen
  }

  /** Control bytes that the kernel has not taken yet (and up to 64 KiB of stream data among them). */
  get queuedBytes(): number {
    return this.#isBlocked ? this.#control.bytes + this.pipe.queuedBytes : this.#control.bytes
  }

  get queuedStreamBytes(): number {
    return this.#streams === undefined ? 0 : this.#streams.bytes
  }

  /** Control bytes handed to the socket so far. */
  get handedBytes(): number {
    return this.sentBytes - this.#control.bytes
  }

  /** Whether less than 64 KiB waits in all, or left in this turn but for 512 KiB of stream data: the moment to send stream data or fragments. `onWritable` follows a false. */
  get streamWritable(): boolean {
    const waiting = this.#control.bytes + this.#earlyBytes + this.queuedStreamBytes + this.pipe.queuedBytes
    const isWritable = waiting < STREAM_AHEAD_BYTES && this.#streamWrites < WRITES_PER_TURN
    if (!isWritable) this.#wantsWritable = true
    return isWritable
  }

  /** Queues whole control frames; takes ownership of the bytes. After the end a no-op. */
  sendControl(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (!this.#isOpen) return
    this.sentBytes += end - start
    this.#control.push(bytes, start, end)
    if (!this.#isScheduled) this.#schedule()
    if (this.#control.bytes >= EARLY_WRITE_BYTES && !this.#isBlocked) this.#writeEarly()
  }

  /** Queues whole yamux frames behind all control frames; takes ownership of the bytes. After the end a no-op. */
  sendStream(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (!this.#isOpen) return
    const streams = (this.#streams ??= new FrameQueue())
    streams.push(bytes, start, end)
    this.#afterStream(streams)
  }

  /** As `sendStream`, for one frame in two parts: no other comes between them. */
  sendSplitStream(frame: SplitFrame): void {
    if (!this.#isOpen) return
    const streams = (this.#streams ??= new FrameQueue())
    streams.pushSplit(frame)
    this.#afterStream(streams)
  }

  /** Writes what is queued, as far as the socket takes it. Called by the flush queue. */
  flush(): void {
    this.#isScheduled = false
    this.#earlyBytes = 0
    this.#streamWrites = 0
    this.#pump()
  }

  /** Visits the whole frames that have not been handed to the socket, oldest first. */
  forEachUnsent(visit: (bytes: Uint8Array, start: number, end: number) => void): void {
    this.#control.forEach(visit)
  }

  /** Sends all that is queued, then GOODBYE with `error` when there is one, then FIN. The handler hears `onClosed` at once, and finds nothing unsent. */
  close(error?: FrontierError, isGateway = false): void {
    if (!this.#isOpen) return
    const parts: Uint8Array[] = []
    this.#control.take(parts, Number.POSITIVE_INFINITY)
    // The FIN of a stream that has just ended cleanly must not get lost.
    this.#streams?.take(parts, Number.POSITIVE_INFINITY)
    if (error !== undefined) parts.push(encodeError(FrameType.GOODBYE, 0, error, isGateway))
    if (parts.length > 0) this.pipe.write(parts)
    try {
      this.#finish(error ?? new FrontierError('EOF', 'the link was closed'))
    } finally {
      this.pipe.end()
    }
  }

  /** Drops what is queued, sends GOODBYE with `error`, then FIN: for a peer that does not take what it gets. */
  cutOff(error: FrontierError, isGateway = false): void {
    if (!this.#isOpen) return
    try {
      this.#finish(error)
    } finally {
      this.pipe.write([encodeError(FrameType.GOODBYE, 0, error, isGateway)])
      this.pipe.end()
    }
  }

  /** Ends the pipe now; what is queued is lost. */
  abort(error: FrontierError = new FrontierError('EOF', 'the link was aborted')): void {
    try {
      this.#finish(error)
    } finally {
      this.pipe.destroy(error)
    }
  }

  /** From the pipe. */
  onBytes(chunk: Uint8Array): void {
    if (!this.#isOpen) return
    this.lastHeardTick = this.#clock.tick
    try {
      this.#decoder.push(chunk)
    } catch (thrown) {
      this.close(toFrontierError(thrown, 'PROTOCOL_ERROR'))
    }
  }

  /** From the pipe. */
  onDrained(): void {
    if (!this.#isBlocked) return
    this.#isBlocked = false
    this.#pump()
  }

  /** From the pipe. */
  onEnd(error?: FrontierError): void {
    this.#finish(error ?? new FrontierError('EOF', 'the other side closed the link'))
  }

  #afterStream(streams: FrameQueue): void {
    if (!this.#isScheduled) this.#schedule()
    // What makes a full write leaves while it is still in the processor's cache: a turn can bring 2 MiB of one socket (docs/performance.md).
    if (streams.bytes < STREAM_AHEAD_BYTES || this.#isBlocked) return
    this.#streamWrites++
    this.#writeOnce()
  }

  #schedule(): void {
    this.#isScheduled = true
    this.#flushQueue.add(this)
  }

  #pump(): void {
    for (let writes = 0; writes < WRITES_PER_TURN && this.#isReady; writes++) {
      this.#writeOnce()
      this.#tellWritable()
    }
    // Nothing may be left to write, because a write in the middle of the turn took it: whoever waits is told all the same.
    this.#tellWritable()
    if (this.#isBlocked) {
      this.#control.settle()
      this.#streams?.settle()
    } else if (this.#isReady && !this.#isScheduled) this.#schedule()
  }

  get #isReady(): boolean {
    return this.#isOpen && !this.#isBlocked && this.#control.bytes + this.queuedStreamBytes > 0
  }

  /** Control frames only: those of the rest of this turn are not to wait behind stream data. */
  #writeEarly(): void {
    const parts: Uint8Array[] = []
    this.#earlyBytes += this.#control.take(parts, WRITE_BYTES)
    this.#write(parts)
  }

  #writeOnce(): void {
    const parts: Uint8Array[] = []
    const controlBytes = this.#control.take(parts, WRITE_BYTES)
    const streams = this.#streams
    if (streams !== undefined && controlBytes < STREAM_AHEAD_BYTES) {
      streams.take(parts, STREAM_AHEAD_BYTES - controlBytes)
      if (streams.bytes === 0) this.#streams = undefined
    }
    this.#write(parts)
  }

  #write(parts: readonly Uint8Array[]): void {
    this.lastSentTick = this.#clock.tick
    this.pipe.write(parts)
    this.#isBlocked = this.pipe.queuedBytes > 0
  }

  #tellWritable(): void {
    if (!this.#wantsWritable || !this.#isOpen || !this.streamWritable) return
    this.#wantsWritable = false
    try {
      this.#handler.onWritable()
    } catch (thrown) {
      this.close(toFrontierError(thrown, 'PROTOCOL_ERROR'))
    }
  }

  #finish(error: FrontierError): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#decoder.stop()
    this.#streams = undefined
    try {
      // The handler may still look at what was not sent.
      this.#handler.onClosed(error)
    } finally {
      this.#control.clear()
    }
  }
}
