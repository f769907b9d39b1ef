import { FrontierError, readFlags, readId, readType } from '@frontier/wire'
import type { Attachment } from '../src/attachment.js'
import { resolveChannelOptions, type ChannelLimits, type ChannelOptions, type ChannelPort } from '../src/channel-options.js'
import { Channel } from '../src/channel.js'

/** One direction of a link in memory. Frames arrive a microtask later, each in the middle of a chunk; at most 64 KiB of them make `bulkWritable` false. */
export class TestPort implements ChannelPort {
  /** Where frames arrive, and whose `onWritable` is called. */
  receiver: Attachment | undefined = undefined
  sender: Attachment | undefined = undefined
  /** Frames sent, oldest first. */
  readonly sent: Uint8Array[] = []
  /** Frames are kept instead of delivered. */
  isFrozen = false
  /** What a receiver threw. */
  thrown: unknown = undefined
  /** Looks at each frame before it arrives; false drops it. */
  filter: (frame: Uint8Array) => boolean = () => true
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #isScheduled = false

  get bulkWritable(): boolean {
    return this.#queuedBytes < 65_536
  }

  get queuedFrames(): number {
    return this.#queue.length
  }

  send(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const frame = bytes.subarray(start, end)
    this.sent.push(frame)
    this.#queue.push(frame)
    this.#queuedBytes += frame.length
    this.#schedule()
  }

  thaw(): void {
    this.isFrozen = false
    this.#schedule()
  }

  /** Types of the frames sent. */
  types(): number[] {
    return this.sent.map((frame) => readType(frame, 0))
  }

  /** Frames sent of one type. */
  framesOf(type: number): { id: number; flags: number; length: number }[] {
    return this.sent
      .filter((frame) => readType(frame, 0) === type)
      .map((frame) => ({ id: readId(frame, 0), flags: readFlags(frame, 0), length: frame.length }))
  }

  #schedule(): void {
    if (this.#isScheduled || this.isFrozen) return
    this.#isScheduled = true
    queueMicrotask(() => this.#deliver())
  }

  #deliver(): void {
    this.#isScheduled = false
    const frames = this.#queue
    this.#queue = []
    this.#queuedBytes = 0
    for (const frame of frames) {
      if (!this.filter(frame)) continue
      const chunk = new Uint8Array(frame.length + 10)
      chunk.set(frame, 3)
      try {
        this.receiver?.onFrame(chunk, 3, 3 + frame.length)
      } catch (error) {
        this.thrown = error
      }
      // What was received is the receiver's own: a chunk that is used again must not show.
      chunk.fill(0xee)
    }
    this.sender?.onWritable()
  }
}

export const testLimits: ChannelLimits = {
  maxFrameBytes: 32_768,
  maxPayloadBytes: 16_777_216,
  maxInFlight: 65_536,
  windowed: true,
}

/** Two channels linked in memory. */
export interface ChannelPair {
  readonly a: Channel
  readonly b: Channel
  /** What `a` sends. */
  readonly toB: TestPort
  readonly toA: TestPort
  readonly attachmentA: Attachment
  readonly attachmentB: Attachment
}

/** Links two channels, or again after a detach. */
export function linkChannels(a: Channel, b: Channel, limits: Partial<ChannelLimits> = {}): ChannelPair {
  const toB = new TestPort()
  const toA = new TestPort()
  const attachmentB = b.attach(toA, { ...testLimits, ...limits })
  toA.sender = attachmentB
  toB.receiver = attachmentB
  const attachmentA = a.attach(toB, { ...testLimits, ...limits })
  toB.sender = attachmentA
  toA.receiver = attachmentA
  return { a, b, toB, toA, attachmentA, attachmentB }
}

/** Two linked channels with the same options and limits. */
export function channelPair(options: ChannelOptions = {}, limits: Partial<ChannelLimits> = {}): ChannelPair {
  return linkChannels(new Channel(resolveChannelOptions(options)), new Channel(resolveChannelOptions(options)), limits)
}

/** What `promise` rejects with. */
export async function failure(promise: Promise<unknown>): Promise<FrontierError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof FrontierError) return error
    throw error
  }
  throw new Error('it did not reject')
}

/** `length` bytes that differ from place to place. */
export function patternBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed >>> 0
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

/** An error as an end of the link gives it. */
export function linkLost(): FrontierError {
  return new FrontierError('EOF', 'the link went')
}
