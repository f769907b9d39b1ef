import { FrameType, readType } from '@frontier/wire'
import { isChannelFrame, type Attachment } from './attachment.js'
import type { Channel } from './channel.js'
import type { LateError } from './late-error.js'
import type { StreamWriter } from './stream-writer.js'

/** What a stream knows of the channel it may need. */
export interface StreamChannelHost {
  readonly maxPayloadBytes: number
  readonly maxInFlight: number
  createChannel(): Channel
}

/**
 * The channel of one stream, made with the first call, message or handler of either side. Most streams carry bytes only, and a channel with its tables
 * and queues is most of what a stream is to the garbage collector (docs/performance.md).
 */
export class StreamChannel {
  readonly #writer: StreamWriter
  readonly #maxFrameBytes: number
  readonly #host: StreamChannelHost
  #channel: Channel | undefined = undefined
  #attachment: Attachment | undefined = undefined
  #closedBy: LateError | undefined = undefined

  /** `maxFrameBytes`: longest frame that goes out. */
  constructor(writer: StreamWriter, maxFrameBytes: number, host: StreamChannelHost) {
    this.#writer = writer
    this.#maxFrameBytes = maxFrameBytes
    this.#host = host
  }

  /** The channel; closed when the stream is. */
  get channel(): Channel {
    this.#channel ??= this.#make()
    return this.#channel
  }

  /** Whether a request of either side is unanswered. */
  get isBusy(): boolean {
    return this.#attachment !== undefined && this.#attachment.pending + this.#attachment.serving > 0
  }

  /** Takes a whole control frame; false when its type is none of a channel's. @throws PROTOCOL_ERROR */
  onFrame(bytes: Uint8Array, start: number, end: number): boolean {
    const type = readType(bytes, start)
    // All others are about requests that there were none of, and are ignored.
    if (this.#closedBy === undefined && (type === FrameType.CALL || type === FrameType.MESSAGE)) this.#channel ??= this.#make()
    return this.#attachment?.onFrame(bytes, start, end) ?? isChannelFrame(type)
  }

  /** The stream takes more. */
  onWritable(): void {
    this.#attachment?.onWritable()
  }

  /** Resolves when nothing is unanswered. */
  async idle(): Promise<void> {
    await this.#attachment?.idle()
  }

  /** Everything fails with `error`, now and later. Twice is once. */
  close(error: LateError): void {
    if (this.#closedBy !== undefined) return
    this.#closedBy = error
    this.#channel?.close(error())
  }

  #make(): Channel {
    const channel = this.#host.createChannel()
    if (this.#closedBy !== undefined) {
      channel.close(this.#closedBy())
      return channel
    }
    const writer = this.#writer
    const { maxPayloadBytes, maxInFlight } = this.#host
    this.#attachment = channel.attach(
      {
        send: (bytes, start, end) => writer.send(bytes.subarray(start, end)),
        get bulkWritable() {
          return !writer.isBlocked
        },
      },
      { maxFrameBytes: this.#maxFrameBytes, maxPayloadBytes, maxInFlight, windowed: false },
    )
    return channel
  }
}
