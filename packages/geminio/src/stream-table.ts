// The streams of one link (docs/protocol.md, section 7). Above 200 lines: opening, accepting and refusing share one table of ids.
import { readYamuxFlags, readYamuxId, StreamLane, YamuxFlag, type Link, type RawStream } from '@frontier/mux'
import {
  encodeError,
  encodeFragments,
  encodeFrame,
  Flag,
  FrameType,
  FrontierError,
  isFrontierError,
  MAX_KEY_BYTES,
  NO_BUDGET,
  decodeError,
  parseBody,
  readFlags,
  readId,
  readPeer,
  readType,
  toFrontierError,
  utf8,
  type Body,
  type SplitFrame,
} from '@frontier/wire'
import type { Channel } from './channel.js'
import { FragmentedBody } from './fragmented-body.js'
import { LinkStream } from './link-stream.js'
import type { Stream, StreamInfo } from './stream.js'
import { Wait, type WaitOptions } from './wait.js'

/** Most bytes of meta that a stream is opened with. */
export const MAX_OPEN_META_BYTES = 262_144
/** The body of such an OPEN: meta, the longest name, and their lengths. */
const MAX_OPEN_BYTES = MAX_OPEN_META_BYTES + MAX_KEY_BYTES + 6
/** Streams of the other side that wait for our accept hook, or whose OPEN is not complete; beyond it is BUFFER_FULL. All that one turn of the event loop brings. */
const MAX_ADMITTING = 4096
/** Meta of those that wait for the hook, together; beyond it is BUFFER_FULL, too. */
const MAX_ADMITTING_BYTES = 16_777_216
/** Of those, whose OPEN comes in fragments: they hold memory before anybody has looked at them. */
const MAX_COLLECTING = 16
/** A round trip measured while a hook was asked is no more than a guess: it may not count for more. */
const MAX_RTT_MS = 1000
const MAX_STREAM_ID = 0xffff_ffff

/** What the streams of a link need of their end. */
export interface StreamTableHost {
  readonly maxFrameBytes: number
  readonly maxPayloadBytes: number
  readonly maxInFlight: number
  /** Who a stream is with, given the peer and key of its OPEN. */
  describe(peer: bigint, key: string, meta: Uint8Array): StreamInfo
  createChannel(edgeId: bigint): Channel
  admit(info: StreamInfo): Promise<void>
  /** Asked once more right before the stream is accepted. @throws the refusal */
  assertRoom(): void
  deliver(stream: Stream): void
  /** Whether calls or messages have used the link within the last half second. */
  isLinkShared(): boolean
  /** A stream, or the opening of one, is over. */
  onStreamOver(): void
}

/** What to open. */
export interface StreamTarget {
  readonly service: string
  /** 0n at an edge. */
  readonly peer: bigint
  readonly meta: Uint8Array
}

interface Opening {
  readonly wait: Wait<Stream>
  readonly info: StreamInfo
  readonly sentAt: number
}

interface Admission {
  readonly peer: bigint
  readonly body: FragmentedBody | undefined
  /** Of meta. */
  readonly bytes: number
}

/** All streams of one link: those that are open, those we opened and wait for, those the other side opened and waits for us. */
export class StreamTable {
  readonly #link: Link
  readonly #host: StreamTableHost
  /** Made with the first stream: most links have none. */
  #lane: StreamLane | undefined = undefined
  readonly #streams = new Map<number, LinkStream>()
  readonly #openings = new Map<number, Opening>()
  /** Of the other side: with a body while the rest of an OPEN is awaited, without one while our hook decides. */
  readonly #admitting = new Map<number, Admission>()
  /** When we accepted, until the opener's SYN shows how long the way is. */
  readonly #acceptedAt = new Map<number, number>()
  #collecting = 0
  #admittingBytes = 0
  #nextId = 1
  #rttMs = -1
  #endedBy: FrontierError | undefined = undefined

  constructor(link: Link, host: StreamTableHost) {
    this.#link = link
    this.#host = host
  }

  /** Streams that are open, being opened, or being decided on. */
  get size(): number {
    return this.#streams.size + this.#openings.size + this.#admitting.size
  }

  /** Those that are open and were not closed here. */
  get openStreams(): LinkStream[] {
    return [...this.#streams.values()].filter((stream) => !stream.hasClosed)
  }

  /** Asks the other side for a stream. @throws STREAM_REFUSED or the refusal's code, TIMEOUT, CANCELLED, EOF */
  open(target: StreamTarget, options: WaitOptions): Promise<Stream> {
    if (this.#endedBy !== undefined) return Promise.reject(this.#endedBy)
    const id = this.#nextId
    if (id > MAX_STREAM_ID) return Promise.reject(new FrontierError('UNAVAILABLE', 'this link has used up its stream ids'))
    const { service, peer, meta } = target
    const { timeoutMs = Number.POSITIVE_INFINITY } = options
    const budgetMs = Number.isFinite(timeoutMs) ? Math.min(Math.ceil(timeoutMs), NO_BUDGET - 1) : NO_BUDGET
    const frames = encodeFragments({ type: FrameType.OPEN, id, peer, key: service, meta, budgetMs }, this.#host.maxFrameBytes)
    const wait = new Wait<Stream>(options, () => new FrontierError('TIMEOUT', `the stream was not accepted within ${timeoutMs} ms`))
    if (wait.isSettled) return wait.promise
    this.#nextId += 2
    const info = this.#host.describe(peer, service, meta)
    this.#openings.set(id, { wait, info, sentAt: performance.now() })
    wait.onSettled = () => {
      // Settled by its deadline or its signal: nobody waits for the answer any more.
      if (!this.#openings.delete(id)) return
      this.#link.sendControl(encodeError(FrameType.STREAM_RESET, id, new FrontierError('CANCELLED', 'the opener gave up'), false))
      this.#host.onStreamOver()
    }
    for (const frame of frames) this.#link.sendControl(frame)
    return wait.promise
  }

  /** Takes OPEN, ACCEPT, REFUSE and STREAM_RESET. @throws PROTOCOL_ERROR */
  onControlFrame(bytes: Uint8Array, start: number, end: number): void {
    const id = readId(bytes, start)
    switch (readType(bytes, start)) {
      case FrameType.OPEN:
        this.#onOpen(id, bytes, start, end)
        return
      case FrameType.ACCEPT:
        this.#onAccept(id)
        return
      case FrameType.REFUSE:
        this.#settleOpening(id)?.wait.reject(decodeError(bytes, start, end))
        return
      default:
        this.#onReset(id, decodeError(bytes, start, end))
    }
  }

  /** Takes a yamux frame. @throws PROTOCOL_ERROR */
  onStreamFrame(bytes: Uint8Array, start: number, end: number): void {
    if (this.#acceptedAt.size > 0 && (readYamuxFlags(bytes, start) & YamuxFlag.SYN) !== 0) this.#measureFromSyn(bytes, start)
    this.#ensureLane().onFrame(bytes, start, end)
  }

  /** As `onStreamFrame`, for a frame that lies in two chunks. @throws PROTOCOL_ERROR */
  onSplitStreamFrame(frame: SplitFrame): void {
    const { head, start } = frame
    if (this.#acceptedAt.size > 0 && (readYamuxFlags(head, start) & YamuxFlag.SYN) !== 0) this.#measureFromSyn(head, start)
    this.#ensureLane().onSplitFrame(frame)
  }

  onWritable(): void {
    this.#lane?.onWritable()
  }

  /** A round trip was measured on the link. Windows grow by the longest known: the way to the other end is at least as long. */
  noteRtt(rttMs: number): void {
    this.#rttMs = Math.max(this.#rttMs, Math.min(rttMs, MAX_RTT_MS))
    if (this.#lane !== undefined) this.#lane.rttMs = this.#rttMs
  }

  /** The link is over: streams end with EOF, openings fail. */
  end(cause: FrontierError): void {
    if (this.#endedBy !== undefined) return
    const error = new FrontierError('EOF', `the link went: ${cause.message}`, { cause, delivered: 'maybe' })
    this.#endedBy = error
    this.#admitting.clear()
    this.#acceptedAt.clear()
    const openings = [...this.#openings.values()]
    this.#openings.clear()
    for (const { wait } of openings) wait.reject(error)
    this.#lane?.end(error)
    // A stream whose raw side had ended already is not told by the lane.
    for (const stream of [...this.#streams.values()]) stream.fail(error)
  }

  #onOpen(id: number, bytes: Uint8Array, start: number, end: number): void {
    const entry = this.#admitting.get(id)
    const isContinued = (readFlags(bytes, start) & Flag.CONT) !== 0
    if (isContinued) {
      // The rest of one that was refused, or given up, meanwhile.
      if (entry?.body !== undefined) this.#collect(id, entry, entry.body, bytes.slice(start, end))
      return
    }
    if (id === 0 || (id & 1) === 1 || entry !== undefined || this.#streams.has(id)) {
      throw new FrontierError('PROTOCOL_ERROR', `a stream was opened with the id ${id}`)
    }
    if (this.#admitting.size >= MAX_ADMITTING) {
      this.#refuse(id, new FrontierError('BUFFER_FULL', `${MAX_ADMITTING} streams wait to be accepted`))
      return
    }
    const peer = readPeer(bytes, start)
    if ((readFlags(bytes, start) & Flag.MORE) === 0) {
      this.#ask(id, peer, parseBody(bytes, start, end))
      return
    }
    if (this.#collecting >= MAX_COLLECTING) {
      this.#refuse(id, new FrontierError('BUFFER_FULL', `${MAX_COLLECTING} streams are being opened in fragments`))
      return
    }
    this.#collecting++
    const collected = new FragmentedBody(MAX_OPEN_BYTES)
    const admission: Admission = { peer, body: collected, bytes: 0 }
    this.#admitting.set(id, admission)
    this.#collect(id, admission, collected, bytes.slice(start, end))
  }

  #collect(id: number, { peer }: Admission, collected: FragmentedBody, fragment: Uint8Array): void {
    try {
      const body = collected.add(fragment, 0, fragment.length)
      if (body === undefined) return
      this.#collecting--
      this.#ask(id, peer, body)
    } catch (error) {
      // A malformed one, too: its first half went through the gateway unread, so that only this opener is to blame.
      if (!isFrontierError(error)) throw error
      this.#forgetAdmission(id)
      this.#refuse(id, error)
    }
  }

  #ask(id: number, peer: bigint, body: Body): void {
    const bytes = body.meta.length
    if (this.#admittingBytes + bytes > MAX_ADMITTING_BYTES) {
      this.#admitting.delete(id)
      this.#refuse(id, new FrontierError('BUFFER_FULL', `the streams that wait to be accepted have more than ${MAX_ADMITTING_BYTES} bytes of meta`))
      this.#host.onStreamOver()
      return
    }
    const info = this.#host.describe(peer, utf8(body.key), body.meta.slice())
    const admission: Admission = { peer, body: undefined, bytes }
    this.#admitting.set(id, admission)
    this.#admittingBytes += bytes
    // Whether nobody has given up the opening meanwhile.
    const isWanted = (): boolean => {
      if (this.#admitting.get(id) !== admission) return false
      this.#admitting.delete(id)
      this.#admittingBytes -= bytes
      return true
    }
    this.#host.admit(info).then(
      () => {
        if (isWanted()) this.#accept(id, info)
      },
      (error: unknown) => {
        if (!isWanted()) return
        this.#refuse(id, toFrontierError(error, 'STREAM_REFUSED'))
        this.#host.onStreamOver()
      },
    )
  }

  #accept(id: number, info: StreamInfo): void {
    let raw: RawStream
    try {
      this.#host.assertRoom()
      raw = this.#ensureLane().accept(id)
    } catch (error) {
      this.#refuse(id, toFrontierError(error, 'BUFFER_FULL'))
      this.#host.onStreamOver()
      return
    }
    this.#link.sendControl(encodeFrame({ type: FrameType.ACCEPT, id }))
    this.#acceptedAt.set(id, performance.now())
    this.#host.deliver(this.#add(raw, info))
  }

  #refuse(id: number, error: FrontierError): void {
    this.#link.sendControl(encodeError(FrameType.REFUSE, id, error, false))
  }

  #onAccept(id: number): void {
    const opening = this.#settleOpening(id)
    if (opening === undefined) return
    this.noteRtt(performance.now() - opening.sentAt)
    opening.wait.resolve(this.#add(this.#ensureLane().open(id), opening.info))
  }

  #forgetAdmission(id: number): void {
    const entry = this.#admitting.get(id)
    if (entry === undefined) return
    this.#admitting.delete(id)
    this.#admittingBytes -= entry.bytes
    if (entry.body !== undefined) this.#collecting--
    this.#host.onStreamOver()
  }

  #onReset(id: number, error: FrontierError): void {
    this.#forgetAdmission(id)
    this.#settleOpening(id)?.wait.reject(error)
    const stream = this.#streams.get(id)
    stream?.abandon(error)
  }

  #settleOpening(id: number): Opening | undefined {
    const opening = this.#openings.get(id)
    // Taken out first: what settles now needs no STREAM_RESET.
    this.#openings.delete(id)
    return opening
  }

  #add(raw: RawStream, info: StreamInfo): LinkStream {
    const { id } = raw
    const { maxFrameBytes, maxPayloadBytes, maxInFlight } = this.#host
    // Without `...info`: V8 copies that in the runtime, which with the like took a fifth of the time of opening and closing (docs/performance.md).
    const stream = new LinkStream({
      info,
      raw,
      createChannel: () => this.#host.createChannel(info.edgeId),
      maxFrameBytes,
      maxPayloadBytes,
      maxInFlight,
      sendReset: (error) => this.#link.sendControl(encodeError(FrameType.STREAM_RESET, id, error, false)),
      onOver: () => {
        this.#streams.delete(id)
        this.#acceptedAt.delete(id)
        this.#host.onStreamOver()
      },
    })
    this.#streams.set(id, stream)
    return stream
  }

  #ensureLane(): StreamLane {
    if (this.#lane !== undefined) return this.#lane
    const link = this.#link
    const host = this.#host
    const port = {
      get writable() {
        return link.streamWritable
      },
      get isShared() {
        return host.isLinkShared()
      },
      send: (frame: Uint8Array) => {
        link.sendStream(frame)
        if ((readYamuxFlags(frame, 0) & YamuxFlag.FIN) !== 0) this.#streams.get(readYamuxId(frame, 0))?.onFinLeft()
      },
    }
    this.#lane = new StreamLane(port, { role: 'client', maxFrameBytes: this.#host.maxFrameBytes })
    this.#lane.rttMs = this.#rttMs
    return this.#lane
  }

  #measureFromSyn(bytes: Uint8Array, start: number): void {
    const id = readYamuxId(bytes, start)
    const acceptedAt = this.#acceptedAt.get(id)
    if (acceptedAt === undefined) return
    this.#acceptedAt.delete(id)
    this.noteRtt(performance.now() - acceptedAt)
  }
}
