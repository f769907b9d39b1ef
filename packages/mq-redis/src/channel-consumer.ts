import type { ConsumeOptions } from '@frontier/mq'
import type { RedisSettings } from './redis-settings.js'
import type { ConsumerHost } from './stream-consumer.js'

const NO_HEADERS = {}

/**
 * Consumes a channel, or with `*`, `?` or `[` in its name all that fit. What comes while nobody listens is lost, and there is nothing to acknowledge; when too much is
 * unsettled the connection is not read, until the server drops it.
 */
export class ChannelConsumer {
  readonly #options: ConsumeOptions
  readonly #settings: RedisSettings
  readonly #host: ConsumerHost
  #unsettled = 0
  #pinging: ReturnType<typeof setInterval> | undefined = undefined

  constructor(options: ConsumeOptions, settings: RedisSettings, host: ConsumerHost) {
    this.#options = options
    this.#settings = settings
    this.#host = host
  }

  /** Resolves once the server has us listen. */
  async start(): Promise<void> {
    const { reader } = this.#host
    const { from } = this.#options
    reader.on('messageBuffer', (channel: Buffer, data: Buffer) => this.#deliver(channel, data))
    reader.on('pmessageBuffer', (_pattern: string, channel: Buffer, data: Buffer) => this.#deliver(channel, data))
    if (/[*?[]/.test(from)) await reader.psubscribe(from)
    else await reader.subscribe(from)
    // A server that went without a word is noticed by what it does not answer.
    this.#pinging = setInterval(() => {
      if (!reader.stream.isPaused()) void reader.ping().catch(() => undefined)
    }, this.#settings.answerTimeoutMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#pinging)
  }

  #deliver(channel: Buffer, data: Buffer): void {
    const { maxUnsettled } = this.#options
    if (++this.#unsettled >= maxUnsettled) this.#host.reader.stream.pause()
    let isSettled = false
    const settle = (): void => {
      if (isSettled) return
      isSettled = true
      if (--this.#unsettled < maxUnsettled) this.#host.reader.stream.resume()
    }
    this.#options.onMessage({ source: channel.toString(), key: '', headers: NO_HEADERS, data, ack: settle, retry: settle })
  }
}
