import { type FrontierError, toFrontierError } from '@frontier/wire'
import type { Message } from 'nsqjs'
import nsqdConnection from 'nsqjs/lib/nsqdconnection.js'

import { LastingLink, type LastingLinkEvents } from './lasting-link.js'
import type { NsqdAddress } from './nsqd-address.js'
import { NsqdLink } from './nsqd-link.js'
import type { NsqSettings } from './resolve-options.js'

/** How long nsqd may hold a message back for company: the least that it agrees to. Its default of 250 would be the delay of every message. */
const OUTPUT_BUFFER_MS = 25
const FIRST_REQUEUE_MS = 1000
const MAX_REQUEUE_MS = 60_000

/** A message of nsqd in our hands. What is said about it after its connection ended is not heard, and nsqd sends it again. */
export interface Held {
  readonly body: Buffer
  /** Its connection ended, or it was settled. */
  readonly isGone: () => boolean
  finish(): void
  requeue(): void
}

/** What a reader tells. */
export interface ReaderEvents extends LastingLinkEvents {
  onMessage(message: Held): void
}

/** Consumes a topic's channel from one nsqd, for as long as it is there. */
export class NsqdReader {
  readonly #link: LastingLink<NsqdLink>
  readonly #events: ReaderEvents
  /** Not settled, by the connection they came on. */
  #held = new Set<Message>()
  #touching: NodeJS.Timeout | undefined
  #isStopping = false

  constructor(address: NsqdAddress, source: { readonly topic: string; readonly channel: string }, settings: NsqSettings, events: ReaderEvents) {
    this.#events = events
    const { heartbeatSeconds, authSecret, tls, messageTimeoutMs, maxReconnectDelayMs } = settings
    const options = {
      heartbeatInterval: heartbeatSeconds,
      tls: tls !== undefined,
      outputBufferTimeout: OUTPUT_BUFFER_MS,
      ...(authSecret !== undefined && { authSecret }),
      ...(messageTimeoutMs !== undefined && { messageTimeout: messageTimeoutMs }),
    }
    this.#link = new LastingLink(
      (linkEvents) => {
        const connection = new nsqdConnection.NSQDConnection(address.host, address.port, source.topic, source.channel, options)
        connection.on('message', (message: Message) => this.#onMessage(message))
        return new NsqdLink(connection, address, settings, linkEvents)
      },
      {
        onUp: () => {
          this.#touchInTime()
          events.onUp()
        },
        onDown: (error) => {
          this.#forget()
          events.onDown(error)
        },
      },
      maxReconnectDelayMs,
    )
  }

  get isUp(): boolean {
    return this.#link.link !== undefined
  }

  start(): void {
    this.#link.start()
  }

  /** How many messages nsqd may have out here. */
  setReady(count: number): void {
    this.#link.link?.connection.setRdy(count)
  }

  /**
   * Takes nothing more, and gives back what is not settled: nsqd would only miss it when its time is up, a minute from now. Resolves when nsqd has said that it sends
   * no more, or after `timeoutMs`.
   */
  async drain(timeoutMs: number): Promise<void> {
    this.#isStopping = true
    const link = this.#link.link
    if (link === undefined) return
    for (const message of this.#held) message.requeue(0, false)
    this.#held.clear()
    await link.finish(timeoutMs)
    await new Promise((resolve) => setImmediate(resolve)) // nsqjs says it in the next turn
  }

  /** Ends at once; nsqd gives what is not settled to others when its time is up. */
  stop(): void {
    this.#isStopping = true
    this.#link.stop()
    this.#forget()
  }

  #onMessage(message: Message): void {
    if (this.#isStopping) {
      message.requeue(0, false)
      return
    }
    const held = this.#held
    held.add(message)
    const settle = (how: () => void) => {
      if (held.delete(message)) how()
    }
    this.#events.onMessage({
      body: message.body,
      isGone: () => !held.has(message),
      finish: () => settle(() => message.finish()),
      // Later each time, so that it is no hot loop; and without nsqjs's backing off, which would stop all messages for one.
      requeue: () => settle(() => message.requeue(Math.min(MAX_REQUEUE_MS, FIRST_REQUEUE_MS * 2 ** Math.min(10, Math.max(0, message.attempts - 1))), false)),
    })
  }

  // nsqd sends a message again to somebody else when it hears nothing for its time, however busy its edge is with it.
  #touchInTime(): void {
    clearInterval(this.#touching)
    const { msgTimeout } = this.#link.link!.connection
    this.#touching = setInterval(
      () => {
        for (const message of this.#held) message.touch()
      },
      Math.max(30, msgTimeout / 3),
    )
  }

  #forget(): void {
    clearInterval(this.#touching)
    // nsqjs has a timer for each that is not settled.
    for (const message of this.#held) clearTimeout((message as Message & { trackTimeoutId?: NodeJS.Timeout }).trackTimeoutId)
    this.#held.clear()
    this.#held = new Set()
  }
}

/** The error of a topic or channel that nsqd does not let us have; undefined for one that time may mend. */
export function lastingRefusal(error: unknown): FrontierError | undefined {
  const refused = toFrontierError(error, 'BRIDGE_UNAVAILABLE')
  return refused.code === 'BRIDGE_UNAVAILABLE' ? undefined : refused
}
