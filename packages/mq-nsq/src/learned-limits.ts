import { FrontierError } from '@frontier/wire'

import type { PublishFault } from './nsqd-fault.js'

const DENIED_MS = 10_000
const MAX_DENIED = 1000

/** What nsqd said about messages that it does not take, so that the next of the kind does not cost a connection again. */
export class LearnedLimits {
  #maxMessageBytes: number
  #maxBodyBytes: number
  readonly #denied = new Map<string, { readonly error: FrontierError; readonly until: number }>()

  constructor({ maxMessageBytes, maxBodyBytes }: { readonly maxMessageBytes: number; readonly maxBodyBytes: number }) {
    this.#maxMessageBytes = maxMessageBytes
    this.#maxBodyBytes = maxBodyBytes
  }

  /** Of a command: what all its messages together may have, their lengths and their number included. */
  get maxBodyBytes(): number {
    return this.#maxBodyBytes
  }

  tooLarge(bytes: number): FrontierError | undefined {
    if (bytes <= this.#maxMessageBytes) return undefined
    return new FrontierError('PAYLOAD_TOO_LARGE', `a message of ${bytes} bytes for NSQ; the limit is ${this.#maxMessageBytes}`)
  }

  /** Whether this topic is known to be closed to us. */
  denied(topic: string): FrontierError | undefined {
    const denied = this.#denied.get(topic)
    if (denied === undefined || performance.now() < denied.until) return denied?.error
    this.#denied.delete(topic)
    return undefined
  }

  learn(topic: string, { maxMessageBytes, maxBodyBytes, denied }: PublishFault): void {
    if (maxMessageBytes !== undefined) this.#maxMessageBytes = Math.min(this.#maxMessageBytes, maxMessageBytes)
    if (maxBodyBytes !== undefined) this.#maxBodyBytes = Math.min(this.#maxBodyBytes, maxBodyBytes)
    if (denied === undefined) return
    if (this.#denied.size >= MAX_DENIED) this.#denied.clear()
    this.#denied.set(topic, { error: denied, until: performance.now() + DENIED_MS })
  }
}
