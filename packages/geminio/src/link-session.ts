// One link from its first byte to its end. Above 200 lines: handshake, life and goodbye of a link are one state machine.
import { Link, sharedSweep, type LinkHandler } from '@frontier/mux'
import type { BytePipe } from '@frontier/transport'
import {
  decodeError,
  DEFAULT_MAX_FRAME_BYTES,
  encodeFrame,
  encodeRawFrame,
  FIRST_IGNORED_TYPE,
  Flag,
  FrameType,
  FrontierError,
  MAX_PING_BYTES,
  NO_BUDGET,
  bodyOffset,
  readBudgetMs,
  readFlags,
  readId,
  readType,
  type SplitFrame,
} from '@frontier/wire'
import type { Attachment } from './attachment.js'
import type { ChannelPort } from './channel-options.js'
import { parseWelcome, type Welcome } from './handshake.js'
import { KeepAlive, type KeepAliveHost } from './keep-alive.js'
import { StreamTable, type StreamTableHost } from './stream-table.js'
import { Wait, type WaitOptions } from './wait.js'

/** Ticks of the sweep (250 ms each) for which a call or message is remembered: its link is shared. */
const SHARED_TICKS = 2

/** What a link needs of its end. */
export interface LinkSessionHost {
  /** The gateway let us in: attaches the channel. Called before any later frame is looked at. @throws a FrontierError to leave */
  onWelcome(session: LinkSession, welcome: Welcome): Attachment
  /** The link is in use: the moment to tell others. */
  onOnline(session: LinkSession, welcome: Welcome): void
  /** Streams of this link. */
  streamHost(welcome: Welcome): Omit<StreamTableHost, 'onStreamOver' | 'isLinkShared'>
  /** GOODBYE with DRAIN: no new requests; `budgetMs` = how long what is in flight is still served. */
  onDraining(session: LinkSession, reason: FrontierError, budgetMs: number): void
  /** The link is over, welcomed or not. */
  onOver(session: LinkSession, error: FrontierError): void
}

/** One link as its dialler sees it: the handshake, then frames shared out to channel and streams, until it goes. */
export class LinkSession implements LinkHandler, ChannelPort, KeepAliveHost {
  /** When the welcome came, on the clock of performance.now(). */
  welcomedAt = 0
  /** Serves only what is in flight. */
  isRetired = false
  readonly remoteAddress: string
  readonly #host: LinkSessionHost
  readonly #link: Link
  #greeting: Wait<Welcome> | undefined = undefined
  #attachment: Attachment | undefined = undefined
  #streams: StreamTable | undefined = undefined
  #keepAlive: KeepAlive | undefined = undefined
  /** What the gateway said before it closed the link. */
  #goodbye: FrontierError | undefined = undefined
  #isOver = false
  /** When a frame of the channel last came or went, on the sweep's clock. */
  #lastRequestTick = Number.NEGATIVE_INFINITY
  readonly #quiet = new Set<Wait<void>>()
  #isIdleAsked = false
  #isLeaving = false
  #budget: Wait<void> | undefined = undefined

  constructor(pipe: BytePipe, host: LinkSessionHost) {
    this.#host = host
    this.remoteAddress = pipe.remoteAddress
    this.#link = new Link(pipe, this)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The streams of this link, once it was welcomed. */
  get streams(): StreamTable {
    if (this.#streams === undefined) throw new FrontierError('UNAVAILABLE', 'the handshake is not through')
    return this.#streams
  }

  get hasStreams(): boolean {
    return this.#streams !== undefined && this.#streams.size > 0
  }

  /** For the keep-alive. */
  get wantsRtt(): boolean {
    return this.hasStreams
  }

  /** For the channel. */
  get bulkWritable(): boolean {
    return this.#link.streamWritable
  }

  /** For the channel. */
  send(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.#lastRequestTick = sharedSweep.tick
    this.#link.sendControl(bytes, start, end)
  }

  /** Says hello; resolves after the host has heard `onWelcome`. @throws the code of the gateway's GOODBYE, TIMEOUT, CANCELLED, EOF */
  async greet(hello: readonly Uint8Array[], options: WaitOptions): Promise<void> {
    const wait = new Wait<Welcome>(options, () => new FrontierError('TIMEOUT', 'the gateway did not answer the hello in time'))
    this.#greeting = wait
    for (const frame of hello) this.#link.sendControl(frame)
    if (this.#isOver) wait.reject(this.#goodbye ?? new FrontierError('EOF', 'the link went during the handshake'))
    try {
      await wait.promise
    } catch (error) {
      this.#link.abort(error as FrontierError)
      throw error
    }
  }

  /** Asks the gateway for no new requests; it answers with the same, which comes as `onDraining`. */
  askForDrain(): void {
    this.#link.sendControl(encodeFrame({ type: FrameType.GOODBYE, flags: Flag.DRAIN, key: 'DRAINING', data: new TextEncoder().encode('draining') }))
  }

  /** Resolves when no stream is open and nothing is unanswered, in either direction, or the link is over. @throws TIMEOUT, CANCELLED */
  whenQuiet(options: WaitOptions): Promise<void> {
    const wait = new Wait<void>(options)
    this.#quiet.add(wait)
    wait.onSettled = () => void this.#quiet.delete(wait)
    if (wait.isSettled) this.#quiet.delete(wait)
    this.#checkQuiet()
    return wait.promise
  }

  /** From now on this link serves only what is in flight, for `budgetMs` at most. */
  retire(budgetMs: number): void {
    this.isRetired = true
    this.#attachment?.retire()
    const wait = new Wait<void>({ timeoutMs: budgetMs })
    this.#budget = wait
    wait.promise.catch(() => this.close(new FrontierError('EOF', 'the time for draining is up')))
  }

  /** Closes with `error` as soon as nothing is in flight. */
  leaveWhenQuiet(error: FrontierError): void {
    if (this.#isLeaving) return
    this.#isLeaving = true
    void this.whenQuiet({}).then(() => this.close(error))
  }

  /** Sends what is queued and GOODBYE with `error`, then ends the link. */
  close(error: FrontierError): void {
    this.#link.close(error)
  }

  /** Ends the link now. */
  abort(error: FrontierError): void {
    this.#link.abort(error)
  }

  /** From the link. */
  onControlFrame(bytes: Uint8Array, start: number, end: number): void {
    if (this.#attachment === undefined) {
      this.#onGreetingFrame(bytes, start, end)
      return
    }
    if (this.#attachment.onFrame(bytes, start, end)) {
      this.#lastRequestTick = sharedSweep.tick
      return
    }
    const type = readType(bytes, start)
    switch (type) {
      case FrameType.PING:
        this.#onPing(bytes, start, end)
        return
      case FrameType.PONG:
        this.#keepAlive?.onPong(bytes, start)
        return
      case FrameType.GOODBYE:
        this.#onGoodbye(bytes, start, end)
        return
      case FrameType.OPEN:
      case FrameType.ACCEPT:
      case FrameType.REFUSE:
      case FrameType.STREAM_RESET:
        this.streams.onControlFrame(bytes, start, end)
        return
      default:
        if (type < FIRST_IGNORED_TYPE) throw new FrontierError('PROTOCOL_ERROR', `a frame of type ${type} from the gateway`)
    }
  }

  /** From the link. */
  onStreamFrame(bytes: Uint8Array, start: number, end: number): void {
    if (this.#streams === undefined) throw new FrontierError('PROTOCOL_ERROR', 'a stream frame before the welcome')
    this.#streams.onStreamFrame(bytes, start, end)
  }

  /** From the link. */
  onSplitStreamFrame(frame: SplitFrame): void {
    if (this.#streams === undefined) throw new FrontierError('PROTOCOL_ERROR', 'a stream frame before the welcome')
    this.#streams.onSplitStreamFrame(frame)
  }

  /** From the link. */
  onWritable(): void {
    this.#attachment?.onWritable()
    this.#streams?.onWritable()
  }

  /** From the link. */
  onClosed(error: FrontierError): void {
    this.#isOver = true
    const reason = this.#goodbye ?? error
    this.#keepAlive?.stop()
    this.#budget?.resolve()
    this.#greeting?.reject(reason)
    this.#streams?.end(reason)
    this.#attachment?.detach(new FrontierError('EOF', `the link went: ${reason.message}`, { cause: reason }))
    for (const wait of [...this.#quiet]) wait.resolve()
    this.#host.onOver(this, reason)
  }

  /** From the keep-alive. */
  onRtt(rttMs: number): void {
    this.#streams?.noteRtt(rttMs)
  }

  /** From the keep-alive. */
  onSilence(error: FrontierError): void {
    this.#link.abort(error)
  }

  #onGreetingFrame(bytes: Uint8Array, start: number, end: number): void {
    const type = readType(bytes, start)
    if (type === FrameType.GOODBYE) {
      this.#onGoodbye(bytes, start, end)
      return
    }
    if (type !== FrameType.WELCOME || this.#greeting === undefined) {
      throw new FrontierError('PROTOCOL_ERROR', `a frame of type ${type} before the welcome: no Frontier gateway?`)
    }
    const welcome = parseWelcome(bytes, start, end)
    this.#link.maxFrameBytes = Math.max(DEFAULT_MAX_FRAME_BYTES, welcome.maxFrameBytes)
    this.welcomedAt = performance.now()
    this.#streams = new StreamTable(this.#link, {
      ...this.#host.streamHost(welcome),
      onStreamOver: () => this.#checkQuiet(),
      isLinkShared: () => sharedSweep.tick - this.#lastRequestTick <= SHARED_TICKS,
    })
    this.#keepAlive = new KeepAlive(this.#link, welcome.pingIntervalMs, this)
    this.#attachment = this.#host.onWelcome(this, welcome)
    this.#greeting.resolve(welcome)
    this.#host.onOnline(this, welcome)
  }

  #onPing(bytes: Uint8Array, start: number, end: number): void {
    const body = bytes.subarray(bodyOffset(bytes, start), end)
    if (body.length > MAX_PING_BYTES) throw new FrontierError('PROTOCOL_ERROR', `a ping of ${body.length} bytes`)
    this.#link.sendControl(encodeRawFrame({ type: FrameType.PONG, id: readId(bytes, start), body }))
  }

  #onGoodbye(bytes: Uint8Array, start: number, end: number): void {
    const error = decodeError(bytes, start, end, 'gateway')
    if ((readFlags(bytes, start) & Flag.DRAIN) !== 0) {
      const budgetMs = readBudgetMs(bytes, start)
      if (this.#attachment !== undefined) this.#host.onDraining(this, error, budgetMs === NO_BUDGET ? Number.POSITIVE_INFINITY : budgetMs)
      return
    }
    this.#goodbye = error
    this.#link.close()
  }

  #checkQuiet(): void {
    if (this.#quiet.size === 0) return
    const attachment = this.#attachment
    const isBusy = attachment !== undefined && (attachment.pending > 0 || attachment.serving > 0)
    if (!this.#isOver && isBusy) {
      if (this.#isIdleAsked) return
      this.#isIdleAsked = true
      void attachment.idle().then(() => {
        this.#isIdleAsked = false
        this.#checkQuiet()
      })
      return
    }
    if (!this.#isOver && this.hasStreams) return
    for (const wait of [...this.#quiet]) wait.resolve()
  }
}
