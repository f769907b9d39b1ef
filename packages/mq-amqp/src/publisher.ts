import type { PendingMessage } from '@frontier/mq'
import { FrontierError, toFrontierError } from '@frontier/wire'
import type { ChannelModel, ConfirmChannel, Message, Options } from 'amqplib'

import { channelFault, refusal, type ChannelFault } from './amqp-fault.js'
import { bufferOf, HeaderTable } from './amqp-headers.js'
import { hasExchange } from './declare-topology.js'
import type { LearnedLimits } from './learned-limits.js'
import type { AmqpSettings } from './resolve-options.js'

/** How long the word of a missing exchange, or one that refuses us, holds. */
const REFUSAL_MS = 1000
const MAX_REOPEN_DELAY_MS = 5000
/** Frames that may wait for the socket. With amqplib's own 1,024, 16 batches often wait for all of them to be gone: 20,000 messages/s, with this 23,400 (docs/performance.md). */
const WRITE_AHEAD = 4096

/** A message that is on the channel without its confirm. */
interface Sent {
  readonly message: PendingMessage
  /** The broker gave it back: no queue takes it. */
  returned: string | undefined
}

/**
 * Publishes on a channel with confirms, and makes a new one when the broker closes it. What a message does to the channel costs only those to blame: RabbitMQ
 * closes the channel over a missing exchange, a routing key that is not permitted, or a message above its limit, and all others on it are sent again.
 */
export class Publisher {
  readonly #model: ChannelModel
  readonly #settings: AmqpSettings
  readonly #limits: LearnedLimits
  readonly #table: HeaderTable
  readonly #waiting: PendingMessage[] = []
  /** By id, in the order in which they were sent. */
  readonly #sent = new Map<string, Sent>()
  #channel: ConfirmChannel | undefined
  #isFull = false
  #isHeld = false
  #isEnded = false
  #isPumping = false
  #exchange: 'unknown' | 'asked' | 'there'
  #refusal: { readonly error: FrontierError; readonly until: number } | undefined
  #fault: ChannelFault | undefined
  #lostBecause: FrontierError = new FrontierError('BRIDGE_UNAVAILABLE', 'the connection to RabbitMQ went', { delivered: 'maybe' })
  #faults = 0
  /** The last fault was that of a message, which is not there any more. */
  #hasBlamed = false
  #timer: NodeJS.Timeout | undefined
  #onIdle: (() => void) | undefined

  constructor(model: ChannelModel, settings: AmqpSettings, limits: LearnedLimits) {
    this.#model = model
    this.#settings = settings
    this.#limits = limits
    this.#table = new HeaderTable(settings.headers)
    // The default exchange is always there, and may not even be asked for.
    this.#exchange = settings.exchange === '' || settings.exchanges.some(({ name }) => name === settings.exchange) ? 'there' : 'unknown'
  }

  /** Opens the first channel. Rejects when there is none to be had. */
  async open(): Promise<void> {
    const channel = await this.#model.createConfirmChannel({ highWaterMark: WRITE_AHEAD })
    channel.on('error', (error: unknown) => this.#onChannelError(error))
    channel.on('close', () => this.#onChannelClose(channel))
    channel.on('return', (message) => this.#onReturn(message))
    channel.on('drain', () => {
      this.#isFull = false
      this.#pump()
    })
    this.#channel = channel
    this.#isFull = false
    this.#pump()
  }

  send(batch: readonly PendingMessage[]): void {
    if (this.#isEnded) {
      for (const message of batch) message.lost(this.#lostBecause)
      return
    }
    this.#waiting.push(...batch)
    this.#pump()
  }

  /** Holds messages back while the broker takes none. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#pump()
  }

  /** Resolves once nothing waits and nothing is unconfirmed. */
  idle(): Promise<void> {
    if (this.#sent.size === 0 && this.#waiting.length === 0) return Promise.resolve()
    return new Promise((resolve) => (this.#onIdle = resolve))
  }

  /** The connection is over: all that is unsettled is lost. */
  end(because: FrontierError): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#lostBecause = because
    clearTimeout(this.#timer)
    const unsettled = [...Array.from(this.#sent.values(), ({ message }) => message), ...this.#waiting.splice(0)]
    this.#sent.clear()
    for (const message of unsettled) message.lost(because)
    this.#settled()
  }

  #pump(): void {
    // Settling a message can bring the next one at once.
    if (this.#isPumping) return
    this.#isPumping = true
    while (this.#waiting.length > 0 && this.#step());
    this.#isPumping = false
    this.#settled()
  }

  /** Takes what waits as far as it goes; false = it goes no further now. */
  #step(): boolean {
    if (this.#isEnded || this.#isHeld) return false
    if (this.#refusal !== undefined && performance.now() < this.#refusal.until) {
      const { error } = this.#refusal
      for (const message of this.#waiting.splice(0)) message.refuse(error)
      return true
    }
    if (this.#exchange !== 'there') {
      void this.#askForExchange()
      return false
    }
    let next = 0
    let isOpen = true
    while (isOpen && next < this.#waiting.length) {
      isOpen = this.#channel !== undefined && !this.#isFull && this.#publish(this.#waiting[next]!, this.#channel)
      if (isOpen) next++
    }
    this.#waiting.splice(0, next)
    return isOpen
  }

  /** False: it was not sent, and waits for the next channel. */
  #publish(message: PendingMessage, channel: ConfirmChannel): boolean {
    const refused = this.#limits.check(message)
    if (refused !== undefined) {
      message.refuse(refused)
      return true
    }
    const { exchange, isMandatory, properties } = this.#settings
    const options: Options.Publish = {
      ...properties,
      mandatory: isMandatory,
      messageId: message.id,
      timestamp: Math.floor(Date.now() / 1000),
      headers: this.#table.fill(message.headers, message.key),
    }
    const sent: Sent = { message, returned: undefined }
    try {
      this.#isFull = !channel.publish(exchange, message.target, bufferOf(message.data), options, (error) => this.#onConfirm(sent, error))
    } catch (error) {
      // amqplib encodes before it writes anything, so a message that it cannot encode has done no harm.
      if (!(error instanceof TypeError || error instanceof RangeError)) return false
      message.refuse(toFrontierError(error, 'INVALID_ARGUMENT'))
      return true
    }
    this.#sent.set(message.id, sent)
    return true
  }

  #onConfirm(sent: Sent, error: unknown): void {
    const { message } = sent
    if (this.#sent.get(message.id) !== sent) return
    this.#sent.delete(message.id)
    if (error === null || error === undefined) {
      if (sent.returned === undefined) message.done()
      else message.refuse(new FrontierError('RECORD_NOT_FOUND', sent.returned))
    } else if (error instanceof Error && error.message === 'message nacked') {
      const text = 'RabbitMQ refused the message: a queue is full (x-overflow: reject-publish) or broken'
      message.refuse(new FrontierError('BUFFER_FULL', text, { delivered: 'maybe', cause: error }))
    } else {
      const blamed = this.#fault?.blame(message)
      if (blamed === undefined) message.lost(this.#lostBecause)
      else {
        this.#hasBlamed = true
        message.refuse(blamed)
      }
    }
    this.#settled()
  }

  #onReturn({ properties, fields }: Message): void {
    const sent = this.#sent.get(String(properties.messageId))
    if (sent === undefined) return
    const { replyText } = fields as { replyText?: string }
    sent.returned = `no queue takes the routing key '${fields.routingKey}' at exchange '${fields.exchange}' (${replyText ?? 'returned'})`
  }

  // amqplib tells of the error first, then answers all confirms, then tells of the close.
  #onChannelError(error: unknown): void {
    this.#fault = channelFault(error)
    if (this.#fault === undefined) return
    this.#limits.learn(this.#fault)
    if (!this.#fault.isLasting) return
    this.#refusal = { error: this.#fault.error, until: performance.now() + REFUSAL_MS }
    if (this.#settings.exchange !== '') this.#exchange = 'unknown'
  }

  #onChannelClose(channel: ConfirmChannel): void {
    if (this.#channel !== channel) return
    this.#channel = undefined
    if (this.#isEnded) return
    // What waits was published after what was on the channel, which is sent again: given back too, it comes in its order.
    for (const message of this.#waiting.splice(0)) message.lost(this.#lostBecause)
    this.#reopen()
  }

  // The first new channel at once; one that does not last is no reason to make thousands. But nobody waits for what another edge's message did.
  #reopen(): void {
    if (this.#hasBlamed && this.#fault?.isLasting === false) this.#faults = 0
    this.#hasBlamed = false
    const delayMs = this.#faults === 0 ? 0 : Math.min(MAX_REOPEN_DELAY_MS, 50 * 2 ** this.#faults)
    this.#faults++
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#fault = undefined
      this.open().then(
        () => {
          if (!this.#isEnded) this.#timer = setTimeout(() => (this.#faults = 0), MAX_REOPEN_DELAY_MS)
        },
        () => {
          if (!this.#isEnded) this.#reopen()
        },
      )
    }, delayMs)
  }

  async #askForExchange(): Promise<void> {
    if (this.#exchange === 'asked') return
    this.#exchange = 'asked'
    const { exchange } = this.#settings
    try {
      await hasExchange(this.#model, exchange)
      this.#exchange = 'there'
      this.#refusal = undefined
    } catch (error) {
      this.#exchange = 'unknown'
      this.#refusal = { error: refusal(error, 'RabbitMQ', 'RECORD_NOT_FOUND'), until: performance.now() + REFUSAL_MS }
    }
    this.#pump()
  }

  #settled(): void {
    if (this.#sent.size > 0 || this.#waiting.length > 0) return
    this.#onIdle?.()
    this.#onIdle = undefined
  }
}
