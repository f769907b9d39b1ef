import { FrameType, readType } from '@frontier/wire'
import { isChannelFrame, type Attachment } from './attachment.js'
import type { Channel } from './channel.js'
import type { ChannelLimits, ChannelPort } from './channel-options.js'
import type { LateError } from './late-error.js'

/**
 * The channel of one stream, made with the first call, message or handler of either side. Most streams carry bytes only, and a channel with its tables
 * and queues is most of what a stream is to the garbage collector (docs/performance.md).
 */
export class StreamChannel {
  readonly #port: ChannelPort
  readonly #limits: ChannelLimits
  readonly #create: () => Channel
  #channel: Channel | undefined = undefined
  #attachment: Attachment | undefined = undefined
  #closedBy: LateError | undefined = undefined

  constructor(port: ChannelPort, limits: ChannelLimits, create: () => Channel) {
    this.#port = port
    this.#limits = limits
    this.#create = create
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
    const channel = this.#create()
    if (this.#closedBy === undefined) this.#attachment = channel.attach(this.#port, this.#limits)
    else channel.close(this.#closedBy())
    return channel
  }
}
