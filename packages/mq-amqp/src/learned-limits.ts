import { FrontierError } from '@frontier/wire'

import type { ChannelFault } from './amqp-fault.js'

const DENIED_MS = 10_000
const MAX_DENIED = 1000

/** What the broker said about messages that it does not take, so that the next of the kind does not cost a channel again. */
export class LearnedLimits {
  #maxMessageBytes: number
  readonly #denied = new Map<string, { readonly error: FrontierError; readonly until: number }>()

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes
  }

  check({ target, data }: { readonly target: string; readonly data: Uint8Array }): FrontierError | undefined {
    if (data.length > this.#maxMessageBytes) {
      return new FrontierError('PAYLOAD_TOO_LARGE', `a message of ${data.length} bytes for RabbitMQ; the limit is ${this.#maxMessageBytes}`)
    }
    const denied = this.#denied.get(target)
    if (denied === undefined || performance.now() < denied.until) return denied?.error
    this.#denied.delete(target)
    return undefined
  }

  learn({ maxMessageBytes, deniedKey, error }: ChannelFault): void {
    if (maxMessageBytes !== undefined) this.#maxMessageBytes = Math.min(this.#maxMessageBytes, maxMessageBytes)
    if (deniedKey === undefined) return
    if (this.#denied.size >= MAX_DENIED) this.#denied.clear()
    this.#denied.set(deniedKey, { error, until: performance.now() + DENIED_MS })
  }
}
