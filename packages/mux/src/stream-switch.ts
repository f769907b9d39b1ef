import { FrontierError, STREAM_HEADER_BYTES, writeU32, type SplitFrame } from '@frontier/wire'
import { encodeYamux, INITIAL_WINDOW_BYTES, readYamuxFlags, readYamuxLength, readYamuxType, YamuxFlag, YamuxType } from './yamux-frame.js'

/** Where the switch puts stream frames: a link. */
export interface SwitchPort {
  sendStream(bytes: Uint8Array, start?: number, end?: number): void
  sendSplitStream(frame: SplitFrame): void
  readonly queuedStreamBytes: number
}

/** One of the two ends of a switched stream: its link, its id there, and what its side may still send. */
export class StreamHalf {
  readonly id: number
  readonly port: SwitchPort
  /** Bytes that the end on this side may still send. */
  creditBytes: number = INITIAL_WINDOW_BYTES
  /** This side has sent FIN. */
  hasFinished = false
  /** The acceptor has agreed; before that no stream frame may pass. */
  isOpen = false
  #twin: StreamHalf | undefined

  private constructor(port: SwitchPort, id: number) {
    this.port = port
    this.id = id
  }

  /** The two halves of a stream between `id` on `port` and `otherId` on `otherPort`. */
  static pair(port: SwitchPort, id: number, otherPort: SwitchPort, otherId: number): [StreamHalf, StreamHalf] {
    const half = new StreamHalf(port, id)
    const other = new StreamHalf(otherPort, otherId)
    half.#twin = other
    other.#twin = half
    return [half, other]
  }

  /** The other half. */
  get twin(): StreamHalf {
    return this.#twin!
  }

  /** Lets frames pass, both ways. */
  open(): void {
    this.isOpen = true
    this.twin.isOpen = true
  }

  /** Sends RST to the end on this side, behind the data that is on its way there. */
  sendReset(): void {
    this.port.sendStream(encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.RST, this.id, 0))
  }
}

/**
 * Answers a yamux frame of the session itself (stream id 0): a ping comes back on `port`, a go-away is noted by nobody, since links have a goodbye.
 * @throws PROTOCOL_ERROR for anything else.
 */
export function takeSessionFrame(port: SwitchPort, bytes: Uint8Array, start: number): void {
  const type = readYamuxType(bytes, start)
  if (type === YamuxType.GO_AWAY) return
  if (type !== YamuxType.PING) throw new FrontierError('PROTOCOL_ERROR', `a yamux frame of type ${type} has no stream`)
  if ((readYamuxFlags(bytes, start) & YamuxFlag.SYN) === 0) return
  port.sendStream(encodeYamux(YamuxType.PING, YamuxFlag.ACK, 0, readYamuxLength(bytes, start)))
}

/** What became of a frame: 'open', and the stream goes on; 'over', this frame ended it; 'violation', the sender exceeded its credit and nothing was passed on. */
export type SwitchOutcome = 'open' | 'over' | 'violation'

/**
 * Passes one whole yamux frame, which came from the end of `half`, on to the other link: the stream id is rewritten in place, the same bytes go out.
 * Counts credit in both directions. 'over' is both FINs, or RST. @throws PROTOCOL_ERROR for a frame that is not yamux.
 */
export function switchFrame(half: StreamHalf, bytes: Uint8Array, start: number, end: number): SwitchOutcome {
  if (!count(half, bytes, start, end - start)) return 'violation'
  half.twin.port.sendStream(bytes, start, end)
  return outcomeOf(half, bytes, start)
}

/** As {@link switchFrame}, for a frame in two parts. */
export function switchSplitFrame(half: StreamHalf, frame: SplitFrame): SwitchOutcome {
  const { head, start, end } = frame
  if (!count(half, head, start, head.length - start + end)) return 'violation'
  half.twin.port.sendSplitStream(frame)
  return outcomeOf(half, head, start)
}

/** Counts the credit of a frame that passes and gives it the id of the other link; false when there was not enough. */
function count(half: StreamHalf, bytes: Uint8Array, start: number, frameLength: number): boolean {
  const type = readYamuxType(bytes, start)
  const twin = half.twin
  if (type === YamuxType.DATA) {
    const length = frameLength - STREAM_HEADER_BYTES
    if (length > half.creditBytes || (half.hasFinished && length > 0)) return false
    half.creditBytes -= length
  } else if (type === YamuxType.WINDOW_UPDATE) {
    twin.creditBytes += readYamuxLength(bytes, start)
    // More than this no receiver could have meant; it also keeps the count an exact integer for ever.
    if (twin.creditBytes > 0xffff_ffff) return false
  } else {
    throw new FrontierError('PROTOCOL_ERROR', `a stream has no yamux frames of type ${type}`)
  }
  writeU32(bytes, start + 4, twin.id)
  return true
}

function outcomeOf(half: StreamHalf, bytes: Uint8Array, start: number): SwitchOutcome {
  const flags = readYamuxFlags(bytes, start)
  if ((flags & YamuxFlag.RST) !== 0) return 'over'
  if ((flags & YamuxFlag.FIN) !== 0) {
    half.hasFinished = true
    if (half.twin.hasFinished) return 'over'
  }
  return 'open'
}
