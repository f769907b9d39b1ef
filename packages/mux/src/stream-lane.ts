import { FrontierError, STREAM_HEADER_BYTES, type SplitFrame } from '@frontier/wire'
import type { RawStream } from './raw-stream.js'
import { resolveStreamLaneOptions, type StreamLaneOptions } from './stream-lane-options.js'
import { LaneStream, type StreamHost } from './stream-lane-stream.js'
import { Turns } from './stream-lane-turns.js'
import { checkYamuxFrame, checkYamuxHeader, encodeYamux, readYamuxFlags, readYamuxId, readYamuxLength, readYamuxType, YamuxFlag, YamuxType } from './yamux-frame.js'
import { WindowGrowth } from './yamux-receive-window.js'

/** So many ids of streams that are over are remembered, lest late frames are each answered with RST. */
const REMEMBERED_IDS = 256

/** The way out of a lane: a link's stream lane. */
export interface StreamPort {
  /** Whether data may be sent now. After a false, `StreamLane.onWritable` is called once it is true again. */
  readonly writable: boolean
  /** Whether others than streams use the link now: then a stream has no more on its way than that needs. Absent = false. */
  readonly isShared?: boolean
  /** Takes one whole yamux frame and owns it. Never throws. */
  send(frame: Uint8Array): void
}

/**
 * The yamux end of a link: all its streams. Bytes of several streams leave in turns of one frame each, while the port is writable; frames that
 * carry no data go at once. A stream that breaks the rules is reset, the others do not notice.
 */
export class StreamLane implements StreamHost {
  /** Most bytes of one write that leave as one frame. */
  readonly maxBodyBytes: number
  readonly growth: WindowGrowth
  readonly #port: StreamPort
  readonly #ownParity: number
  readonly #streams = new Map<number, LaneStream>()
  readonly #turns = new Turns()
  #rememberedIds: Set<number> | undefined = undefined
  #isScheduled = false
  #endedBy: FrontierError | undefined = undefined
  readonly #flush = (): void => {
    this.#isScheduled = false
    this.onWritable()
  }

  /** @throws INVALID_ARGUMENT */
  constructor(port: StreamPort, options: StreamLaneOptions) {
    const { role, maxFrameBytes, maxWindowBytes, maxGrowthBytes } = resolveStreamLaneOptions(options)
    this.#port = port
    this.#ownParity = role === 'client' ? 1 : 0
    this.maxBodyBytes = maxFrameBytes - STREAM_HEADER_BYTES
    this.growth = new WindowGrowth(maxWindowBytes, maxGrowthBytes)
  }

  /** Round-trip time of the link in milliseconds; negative = unknown (default), and windows do not grow. Set it after each answered ping. */
  get rttMs(): number {
    return this.growth.rttMs
  }

  set rttMs(value: number) {
    this.growth.rttMs = value
  }

  /** For the lane's streams. */
  get isShared(): boolean {
    return this.#port.isShared === true
  }

  /** Streams that are not over. */
  get size(): number {
    return this.#streams.size
  }

  /** A stream of ours, once the other end has accepted it; sends SYN at once. @throws INVALID_ARGUMENT, or the error the lane ended with */
  open(id: number): RawStream {
    return this.#add(id, true)
  }

  /** A stream of the other end, before it is told that we accept: ready for its SYN. @throws INVALID_ARGUMENT, or the error the lane ended with */
  accept(id: number): RawStream {
    return this.#add(id, false)
  }

  /** Takes one whole frame from the link. Frames of unknown streams are ignored; RST answers the first that carries data. @throws PROTOCOL_ERROR */
  onFrame(bytes: Uint8Array, start: number, end: number): void {
    checkYamuxFrame(bytes, start, end)
    if (this.#endedBy !== undefined) return
    const id = readYamuxId(bytes, start)
    if (id === 0) {
      this.#onSessionFrame(bytes, start)
      return
    }
    const stream = this.#streams.get(id)
    if (stream !== undefined) stream.onFrame(bytes, start, end)
    else if ((readYamuxFlags(bytes, start) & YamuxFlag.RST) === 0 && readYamuxType(bytes, start) === YamuxType.DATA) this.#refuse(id)
  }

  /** As `onFrame`, for a frame that lies in two chunks: its bytes are handed over in two parts. @throws PROTOCOL_ERROR */
  onSplitFrame({ head, start, tail, end }: SplitFrame): void {
    checkYamuxHeader(head, start, head.length - start + end)
    if (this.#endedBy !== undefined) return
    const id = readYamuxId(head, start)
    const stream = this.#streams.get(id)
    if (stream !== undefined) stream.onFrame(head, start, head.length, tail.subarray(0, end))
    else if ((readYamuxFlags(head, start) & YamuxFlag.RST) === 0) this.#refuse(id)
  }

  /** The port is writable (again): streams send in turns as long as it stays so. */
  onWritable(): void {
    const turns = this.#turns
    while (!turns.isEmpty && this.#port.writable) {
      const stream = turns.next()!
      if (stream.takeTurn()) turns.add(stream)
    }
  }

  /** The link is over: each stream hands over what is unread and then ends with `error`. Everything after that is a no-op. */
  end(error: FrontierError): void {
    if (this.#endedBy !== undefined) return
    this.#endedBy = error
    for (const stream of [...this.#streams.values()]) stream.onLinkEnd(error)
  }

  /** For the lane's streams. */
  emit(frame: Uint8Array): void {
    if (this.#endedBy === undefined) this.#port.send(frame)
  }

  /** For the lane's streams. */
  wantTurn(stream: LaneStream): void {
    this.#turns.add(stream)
    if (this.#isScheduled) return
    // What is written in one go leaves in as few frames as it fits in.
    this.#isScheduled = true
    queueMicrotask(this.#flush)
  }

  /** For the lane's streams. */
  forget(stream: LaneStream, isReset: boolean): void {
    this.#streams.delete(stream.id)
    if (isReset) this.#remember(stream.id)
  }

  #add(id: number, isOpener: boolean): LaneStream {
    if (this.#endedBy !== undefined) throw this.#endedBy
    const isOurs = (id & 1) === this.#ownParity
    if (!Number.isInteger(id) || id <= 0 || id > 0xffff_ffff || isOurs !== isOpener || this.#streams.has(id)) {
      throw new FrontierError('INVALID_ARGUMENT', `${id} is no id for a new stream`)
    }
    this.#rememberedIds?.delete(id)
    const stream = new LaneStream(this, id, isOpener)
    this.#streams.set(id, stream)
    return stream
  }

  #onSessionFrame(bytes: Uint8Array, start: number): void {
    if (readYamuxType(bytes, start) !== YamuxType.PING || (readYamuxFlags(bytes, start) & YamuxFlag.SYN) === 0) return
    this.emit(encodeYamux(YamuxType.PING, YamuxFlag.ACK, 0, readYamuxLength(bytes, start)))
  }

  #refuse(id: number): void {
    if (this.#rememberedIds?.has(id) === true) return
    this.#remember(id)
    this.emit(encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.RST, id, 0))
  }

  #remember(id: number): void {
    const ids = (this.#rememberedIds ??= new Set())
    ids.add(id)
    if (ids.size <= REMEMBERED_IDS) return
    for (const oldest of ids) {
      ids.delete(oldest)
      return
    }
  }
}
