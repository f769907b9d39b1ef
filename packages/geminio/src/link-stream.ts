// The state machine of one stream (docs/protocol.md, section 7). Above 200 lines because half-close, close, reset and the end of the link meet here.
import type { RawStream, RawStreamHandler } from '@frontier/mux'
import {
  DEFAULT_MAX_FRAME_BYTES,
  encodeRawFrame,
  FIRST_IGNORED_TYPE,
  FrameDecoder,
  FrameType,
  FrontierError,
  HEADER_BYTES,
  readBodyLength,
  readType,
  readU32,
  STREAM_HEADER_BYTES,
  bodyOffset,
  writeU32,
  type Bytes,
  type FrameSink,
} from '@frontier/wire'
import type { Channel } from './channel.js'
import { checkedBytes, type CallOptions, type PublishOptions } from './call-options.js'
import type { Reply } from './content.js'
import { lateError, type LateError } from './late-error.js'
import { checkedName } from './link-options.js'
import type { Message, MessageHandler } from './message.js'
import type { Handler } from './request.js'
import { closeReasonOf, type CloseReason } from './status.js'
import { StreamChannel } from './stream-channel.js'
import { keepBytes, StreamReader } from './stream-reader.js'
import { StreamWriter } from './stream-writer.js'
import type { Stream, StreamInfo } from './stream.js'
import { Wait, within } from './wait.js'

/** The raw side pauses above this much unread, and goes on below half of it. */
const MAX_UNREAD_BYTES = 262_144
/** The reader tells how far it is at least this often. */
const TAKEN_EVERY_BYTES = 65_536
const TWO_POW_32 = 0x1_0000_0000
/** How long leaving an `await using` block waits for what was written to leave. */
const DISPOSE_TIMEOUT_MS = 5000
/** How long a stream that was closed here waits for the other end's FIN. */
const LINGER_MS = 30_000

/** What a stream needs of the link it is on. */
export interface LinkStreamContext {
  readonly info: StreamInfo
  readonly raw: RawStream
  /** Makes the channel of the stream, when it needs one. */
  createChannel(): Channel
  readonly maxFrameBytes: number
  readonly maxPayloadBytes: number
  readonly maxInFlight: number
  /** Sends STREAM_RESET ahead of the RST. */
  sendReset(error: FrontierError): void
  /** The stream is over. */
  onOver(stream: LinkStream): void
}

function closedHere(): LateError {
  return lateError(() => new FrontierError('EOF', 'the stream was closed'))
}

/** One stream between two ends: DATA, END, TAKEN and the frames of a channel of its own, inside a raw stream. */
export class LinkStream implements Stream, RawStreamHandler, FrameSink {
  readonly id: number
  readonly edgeId: bigint
  readonly service: string
  readonly meta: Uint8Array
  readonly closed: Promise<CloseReason>
  readonly #context: LinkStreamContext
  readonly #raw: RawStream
  readonly #calls: StreamChannel
  readonly #decoder: FrameDecoder
  #source: AsyncIterable<Uint8Array> | undefined = undefined
  readonly #reader: StreamReader
  readonly #writer: StreamWriter
  readonly #methods = new Set<string>()
  readonly #over = new Wait<CloseReason>()
  #ending: Promise<void> | undefined = undefined
  #closing: Promise<void> | undefined = undefined
  /** Waits for our FIN to leave: true, or false when the stream was over before. */
  #leaving: Wait<boolean> | undefined = undefined
  #error: LateError | undefined = undefined
  #lingering: ReturnType<typeof setTimeout> | undefined = undefined
  /** Our close is complete: what still comes is dropped. */
  #hasClosed = false
  #finLeft = false
  #sentEnd = false
  #gotEnd = false
  #sentFin = false
  #gotFin = false
  #isPaused = false
  #takenBytes = 0
  #toldTakenBytes = 0
  #ackedBytes = 0

  constructor(context: LinkStreamContext) {
    this.#context = context
    this.#raw = context.raw
    this.id = context.raw.id
    const { edgeId, service, meta } = context.info
    this.edgeId = edgeId
    this.service = service
    this.meta = meta
    this.closed = this.#over.promise
    // The other link may have agreed on less than ours: what goes out fits the size that every link takes.
    const frameBytes = Math.min(context.maxFrameBytes, DEFAULT_MAX_FRAME_BYTES) - STREAM_HEADER_BYTES
    this.#decoder = new FrameDecoder(this, Math.max(context.maxFrameBytes, DEFAULT_MAX_FRAME_BYTES))
    this.#reader = new StreamReader((length) => this.#onTaken(length))
    this.#writer = new StreamWriter(context.raw, frameBytes - HEADER_BYTES)
    this.#calls = new StreamChannel(this.#writer, frameBytes, context)
    context.raw.handler = this
  }

  /** Made when it is asked for: a literal with a computed name is slow (docs/performance.md). */
  get source(): AsyncIterable<Uint8Array> {
    this.#source ??= { [Symbol.asyncIterator]: () => this[Symbol.asyncIterator]() }
    return this.#source
  }

  get bytesAcked(): number {
    return this.#ackedBytes
  }

  /** Whether `close` is complete; the other end may not have ended yet. */
  get hasClosed(): boolean {
    return this.#hasClosed
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#reader.read(),
      return: () => {
        if (!this.#reader.isEnded || this.#reader.bytes > 0) this.reset(new Error('the reader stopped reading'))
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }

  async sink(source: AsyncIterable<Bytes> | Iterable<Bytes>): Promise<void> {
    try {
      for await (const chunk of source) await this.write(chunk)
      await this.closeWrite()
    } catch (thrown) {
      this.reset(thrown instanceof Error ? thrown : new Error(String(thrown)))
      throw thrown
    }
  }

  async write(chunk: Bytes, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#ending !== undefined || this.#closing !== undefined) {
      const brokeOff = this.#hasClosed ? undefined : this.#error
      throw brokeOff?.() ?? new FrontierError('INVALID_ARGUMENT', 'write after closeWrite or close')
    }
    return this.#writer.write(checkedBytes(chunk, 'chunk'), options.signal)
  }

  closeWrite(): Promise<void> {
    this.#ending ??= this.#closing ?? this.#endWriting()
    return this.#ending
  }

  close(): Promise<void> {
    if (this.#over.isSettled) return Promise.resolve()
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const timedOut = new FrontierError('TIMEOUT', `what was written did not leave within ${DISPOSE_TIMEOUT_MS} ms`, { delivered: 'maybe' })
    try {
      await within(this.close(), { timeoutMs: DISPOSE_TIMEOUT_MS }, () => timedOut)
    } catch (thrown) {
      if (thrown === timedOut) this.reset(timedOut)
      throw thrown
    }
  }

  reset(reason?: Error): void {
    if (this.#over.isSettled) return
    const message = reason === undefined ? 'the stream was reset' : reason instanceof FrontierError ? reason.reason : reason.message
    const error = new FrontierError('STREAM_RESET', message, { cause: reason })
    this.#context.sendReset(error)
    this.#raw.reset()
    this.fail(error)
  }

  call(method: string, data?: Bytes, options?: CallOptions): Promise<Reply> {
    return this.#calls.channel.call({ method, data }, options)
  }

  async register(method: string, handler: Handler): Promise<Disposable> {
    checkedName(method, 'method')
    const { channel } = this.#calls
    if (this.#methods.has(method)) throw new FrontierError('INVALID_ARGUMENT', `'${method}' is registered already on this stream`)
    this.#methods.add(method)
    channel.setHandler(method, handler)
    let isRegistered = true
    return {
      [Symbol.dispose]: () => {
        if (!isRegistered) return
        isRegistered = false
        this.#methods.delete(method)
        channel.removeHandler(method)
      },
    }
  }

  publish(topic: string, data: Bytes, options?: PublishOptions): Promise<void> {
    return this.#calls.channel.publish({ topic, data }, options)
  }

  messages(): AsyncIterable<Message> {
    return this.#calls.channel.messages()
  }

  onMessage(handler: MessageHandler): Disposable {
    return this.#calls.channel.onMessage(handler)
  }

  /** Both directions are over because of `error`; after an EOF what had come before is still read. */
  fail(error: FrontierError): void {
    if (this.#over.isSettled) return
    const known = (): FrontierError => error
    this.#error = known
    if (error.code !== 'EOF') this.#reader.clear()
    this.#reader.end(error)
    this.#writer.fail(known)
    this.#finishOver(known, closeReasonOf(error))
  }

  /** The other end, or the gateway, reset the stream on the control lane. */
  abandon(error: FrontierError): void {
    this.#raw.reset()
    this.fail(error)
  }

  /** Our FIN, and with it all that was written, was handed to the link. */
  onFinLeft(): void {
    this.#finLeft = true
    this.#leaving?.resolve(true)
  }

  /** From the raw stream. */
  onBytes(chunk: Uint8Array): void {
    this.#decoder.push(chunk)
    if (this.#reader.bytes < MAX_UNREAD_BYTES || this.#isPaused) return
    this.#isPaused = true
    this.#raw.pause()
  }

  /** From the raw stream: its FIN. Without END before it is the other end's close. */
  onEnd(): void {
    this.#gotFin = true
    if (this.#decoder.isWithinFrame) {
      this.reset(new Error('the stream ended within a frame'))
      return
    }
    this.#reader.end()
    const error = lateError(() => new FrontierError('EOF', 'the other end closed the stream', { origin: 'peer' }))
    this.#error ??= error
    this.#writer.fail(error)
    this.#calls.close(error)
    // After both ENDs our FIN waits until all was read: it stands behind the last TAKEN.
    if (this.#sentEnd && this.#gotEnd) this.#finishWhenDone()
    else this.#sendFin()
    this.#finishWhenBothFin()
  }

  /** From the raw stream. */
  onDrained(): void {
    this.#writer.onDrained()
    if (!this.#writer.isBlocked) this.#calls.onWritable()
  }

  /** From the raw stream. */
  onReset(error: FrontierError): void {
    if (error.code === 'PROTOCOL_ERROR') this.#context.sendReset(error)
    this.fail(error)
  }

  /** From the decoder. */
  onControlFrame(bytes: Uint8Array, start: number, end: number): void {
    const type = readType(bytes, start)
    if (type === FrameType.DATA) this.#onData(bytes.subarray(bodyOffset(bytes, start), end))
    else if (type === FrameType.TAKEN) this.#onTakenFrame(bytes, start)
    else if (type === FrameType.END) this.#onEndFrame()
    else if (!this.#calls.onFrame(bytes, start, end) && type < FIRST_IGNORED_TYPE) {
      throw new FrontierError('PROTOCOL_ERROR', `a frame of type ${type} in a stream`)
    }
  }

  /** From the decoder: raw bytes are handed on as they come, a whole frame is not waited for. */
  onDataPart(bytes: Uint8Array, start: number, end: number): void {
    this.#onData(bytes.subarray(start, end))
  }

  /** From the decoder. */
  onStreamFrame(): void {
    throw new FrontierError('PROTOCOL_ERROR', 'a stream frame in a stream')
  }

  #onData(body: Uint8Array): void {
    if (this.#gotEnd) throw new FrontierError('PROTOCOL_ERROR', 'raw bytes behind their end')
    if (body.length > 0) this.#reader.push(keepBytes(body))
  }

  #onEndFrame(): void {
    this.#gotEnd = true
    this.#reader.end()
    this.#finishWhenDone()
  }

  #onTakenFrame(bytes: Uint8Array, start: number): void {
    const at = bodyOffset(bytes, start)
    if (readBodyLength(bytes, start) !== 8) throw new FrontierError('PROTOCOL_ERROR', 'malformed TAKEN')
    const taken = readU32(bytes, at) * TWO_POW_32 + readU32(bytes, at + 4)
    if (taken > this.#writer.bytesSent) throw new FrontierError('PROTOCOL_ERROR', 'more was taken than was sent')
    this.#ackedBytes = Math.max(this.#ackedBytes, taken)
  }

  #onTaken(length: number): void {
    this.#takenBytes += length
    if (this.#over.isSettled) return
    if (this.#takenBytes - this.#toldTakenBytes >= TAKEN_EVERY_BYTES || this.#reader.bytes === 0) this.#tellTaken()
    if (this.#isPaused && this.#reader.bytes < MAX_UNREAD_BYTES / 2) {
      this.#isPaused = false
      this.#raw.resume()
    }
    if (this.#reader.bytes === 0) this.#finishWhenDone()
  }

  #tellTaken(): void {
    if (this.#sentFin) return
    this.#toldTakenBytes = this.#takenBytes
    const body = new Uint8Array(8)
    writeU32(body, 0, Math.floor(this.#takenBytes / TWO_POW_32))
    writeU32(body, 4, this.#takenBytes % TWO_POW_32)
    this.#writer.send(encodeRawFrame({ type: FrameType.TAKEN, body }))
  }

  async #endWriting(): Promise<void> {
    await this.#writer.finish('end')
    this.#sentEnd = true
    this.#finishWhenDone()
  }

  /** Both sides have ended their raw bytes: FIN follows when ours are read and nothing is unanswered. */
  #finishWhenDone(): void {
    if (!this.#sentEnd || !this.#gotEnd || this.#sentFin || this.#over.isSettled || this.#reader.bytes > 0) return
    if (this.#calls.isBusy) {
      void this.#calls.idle().then(() => this.#finishWhenDone())
      return
    }
    this.#sendFin()
    this.#finishWhenBothFin()
  }

  #sendFin(): void {
    if (this.#sentFin) return
    this.#sentFin = true
    this.#raw.end()
  }

  #finishWhenBothFin(): void {
    if (!this.#gotFin || !this.#sentFin) return
    this.#finishOver(this.#error ?? closedHere(), { code: 'CLOSED', message: 'the stream was closed' })
  }

  async #finish(): Promise<void> {
    // Nobody reads any more; what still comes is let through, so that the other end's FIN gets here.
    this.#reader.clear()
    this.#reader.end()
    if (this.#isPaused) {
      this.#isPaused = false
      this.#raw.resume()
    }
    // When the other end has closed meanwhile, nothing can be sent any more.
    if (!this.#sentFin) await this.#writer.finish('fin').catch(() => this.#raw.end())
    this.#sentFin = true
    this.#finishWhenBothFin()
    if (!this.#finLeft && !this.#over.isSettled) {
      this.#leaving = new Wait<boolean>()
      await this.#leaving.promise
    }
    if (!this.#finLeft) {
      const { code, error } = await this.closed
      if (code !== 'CLOSED' && error !== undefined) throw error
    }
    this.#hasClosed = true
    if (!this.#over.isSettled) this.#linger()
  }

  /** We are done, the other end is not: it has time to read and to say so. */
  #linger(): void {
    this.#calls.close(closedHere())
    this.#lingering = setTimeout(() => {
      // With no STREAM_RESET before it: the other end still gets all that was sent, and its end.
      this.#raw.reset()
      this.fail(new FrontierError('TIMEOUT', `the other end did not end the stream within ${LINGER_MS} ms`, { delivered: 'maybe' }))
    }, LINGER_MS)
  }

  #finishOver(error: LateError, reason: CloseReason): void {
    if (this.#over.isSettled) return
    clearTimeout(this.#lingering)
    this.#decoder.stop()
    this.#leaving?.resolve(false)
    this.#calls.close(error)
    this.#context.onOver(this)
    this.#over.resolve(reason)
  }
}
