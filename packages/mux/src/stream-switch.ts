import { FrontierError, readU32, writeU32 } from '@frontier/wire'

/** Credit that each direction of a yamux stream begins with, in bytes (yamux specification). */
const INITIAL_CREDIT_BYTES = 262_144

const DATA = 0
const WINDOW_UPDATE = 1
const PING = 2
const GO_AWAY = 3
const SYN = 1
const ACK = 2
const FIN = 4
const RST = 8

/** Where the switch puts stream frames: a link. */
export interface SwitchPort {
  sendStream(bytes: Uint8Array, start?: number, end?: number): void
  readonly queuedStreamBytes: number
}

/** One of the two ends of a switched stream: its link, its id there, and what its side may still send. */
export class StreamHalf {
  readonly id: number
  readonly port: SwitchPort
  /** Bytes that the end on this side may still send. */
  creditBytes: number = INITIAL_CREDIT_BYTES
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
    const frame = new Uint8Array(12)
    frame[1] = WINDOW_UPDATE
    frame[3] = RST
    writeU32(frame, 4, this.id)
    this.port.sendStream(frame)
  }
}

/** Stream id of the yamux frame at `start`. */
export function streamIdOf(bytes: Uint8Array, start: number): number {
  return readU32(bytes, start + 4)
}

/**
 * Answers a yamux frame of the session itself (stream id 0): a ping comes back on `port`, a go-away is noted by nobody, since links have a goodbye.
 * @throws PROTOCOL_ERROR for anything else.
 */
export function takeSessionFrame(port: SwitchPort, bytes: Uint8Array, start: number): void {
  const type = bytes[start + 1]!
  if (type === GO_AWAY) return
  if (type !== PING) throw new FrontierError('PROTOCOL_ERROR', `a yamux frame of type ${type} has no stream`)
  if ((bytes[start + 3]! & SYN) === 0) return
  const answer = new Uint8Array(12)
  answer.set(bytes.subarray(start, start + 12))
  answer[2] = 0
  answer[3] = ACK
  port.sendStream(answer)
}

/**
 * Passes one whole yamux frame, which came from the end of `half`, on to the other link: the stream id is rewritten in place, the same bytes go out.
 * Counts credit in both directions.
 * @returns 'open' while the stream goes on, 'over' when this frame ended it (both FINs, or RST), 'violation' when the sender exceeded its credit; then nothing was passed on.
 * @throws PROTOCOL_ERROR for a frame that is not yamux.
 */
export function switchFrame(half: StreamHalf, bytes: Uint8Array, start: number, end: number): 'open' | 'over' | 'violation' {
  const type = bytes[start + 1]!
  const flags = bytes[start + 3]!
  const twin = half.twin
  if (type === DATA) {
    const length = end - start - 12
    if (length > half.creditBytes || (half.hasFinished && length > 0)) return 'violation'
    half.creditBytes -= length
  } else if (type === WINDOW_UPDATE) {
    twin.creditBytes += readU32(bytes, start + 8)
    // More than this no receiver could have meant; it also keeps the count an exact integer for ever.
    if (twin.creditBytes > 0xffff_ffff) return 'violation'
  } else {
    throw new FrontierError('PROTOCOL_ERROR', `a stream has no yamux frames of type ${type}`)
  }
  writeU32(bytes, start + 4, twin.id)
  twin.port.sendStream(bytes, start, end)
  if ((flags & RST) !== 0) return 'over'
  if ((flags & FIN) !== 0) {
    half.hasFinished = true
    if (twin.hasFinished) return 'over'
  }
  return 'open'
}
