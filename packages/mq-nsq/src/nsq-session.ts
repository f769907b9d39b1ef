import type { BrokerSession, ConsumeOptions, PendingMessage, SessionEvents } from '@frontier/mq'
import { FrontierError, toFrontierError } from '@frontier/wire'

import { chooseWriter } from './choose-writer.js'
import type { LearnedLimits } from './learned-limits.js'
import { sealEnvelope } from './nsq-envelope.js'
import { isNsqName } from './nsq-name.js'
import { NsqConsumer } from './nsq-consumer.js'
import { NsqdWriter, type Parcel } from './nsqd-writer.js'
import type { NsqSettings } from './resolve-options.js'

/** How long the rest of the nsqds may take once one is there, so that what waits is spread over all of them. */
const GRACE_MS = 250
/** How long an nsqd may take to say that it sends no more. */
const DRAIN_MS = 1000
/**
 * How often answers are looked for, and how often in a row there may be none from an nsqd while another one is well. Batches go to all of them, so that one that hangs
 * soon holds all messages up; its silence would be noticed after two or three heartbeats.
 */
const LOOK_MS = 500
const MAX_LOOKS = 5

/** All nsqds together: it lives while one of them does. */
export class NsqSession implements BrokerSession {
  readonly #settings: NsqSettings
  readonly #limits: LearnedLimits
  readonly #events: SessionEvents
  readonly #writers: readonly NsqdWriter[]
  readonly #consumers = new Set<NsqConsumer>()
  #state: 'opening' | 'open' | 'closing' | 'over' = 'opening'
  /** Said to be away already: each attempt to reach them fails. */
  readonly #away = new Set<string>()
  #turn = 0
  #onChange: ((name: string, error?: FrontierError) => void) | undefined
  #onIdle: (() => void) | undefined
  #looking: NodeJS.Timeout | undefined

  constructor(settings: NsqSettings, limits: LearnedLimits, events: SessionEvents) {
    this.#settings = settings
    this.#limits = limits
    this.#events = events
    this.#writers = settings.addresses.map(
      (address) =>
        new NsqdWriter(address, settings, limits, {
          onUp: () => this.#onUp(address.name),
          onDown: (error) => this.#onDown(address.name, error),
          onSettled: () => {
            if (this.#unanswered === 0) this.#onIdle?.()
          },
        }),
    )
  }

  /** Dials all. Resolves when one is there, and the others had their moment; rejects when none is, leaving nothing. */
  async open(signal: AbortSignal): Promise<void> {
    const undecided = new Set(this.#writers.map(({ address }) => address.name))
    let worst = new FrontierError('BRIDGE_UNAVAILABLE', 'no nsqd answers')
    let grace: NodeJS.Timeout | undefined
    let onAbort: (() => void) | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        const decide = () => {
          if (this.#writers.some(({ isUp }) => isUp)) resolve()
          else reject(worst)
        }
        onAbort = () => reject(worst)
        signal.addEventListener('abort', onAbort)
        this.#onChange = (name, error) => {
          undecided.delete(name)
          // What an operator has to mend says more than an nsqd that is down.
          if (error !== undefined && worst.code === 'BRIDGE_UNAVAILABLE') worst = error
          if (undecided.size === 0) decide()
          else if (error === undefined) grace ??= setTimeout(decide, GRACE_MS)
        }
        signal.throwIfAborted()
        for (const writer of this.#writers) writer.start()
      })
      this.#state = 'open'
      if (this.#writers.length > 1) this.#looking = setInterval(() => this.#look(), LOOK_MS)
    } catch (error) {
      this.#end()
      throw toFrontierError(error, 'BRIDGE_UNAVAILABLE')
    } finally {
      clearTimeout(grace)
      signal.removeEventListener('abort', onAbort!)
      this.#onChange = undefined
    }
  }

  send(batch: readonly PendingMessage[]): void {
    const parcels = new Map<NsqdWriter, Map<string, Parcel[]>>()
    const refusals: (() => void)[] = []
    for (const message of batch) {
      const denied = this.#limits.denied(message.target)
      const writer = chooseWriter(this.#writers, message.key, this.#turn++)
      if (denied !== undefined) refusals.push(() => message.refuse(denied))
      else if (this.#state === 'over' || writer === undefined) refusals.push(() => message.lost(new FrontierError('BRIDGE_UNAVAILABLE', 'no nsqd is there')))
      else {
        const body = this.#bodyOf(message)
        const tooLarge = this.#limits.tooLarge(body.length)
        if (tooLarge !== undefined) refusals.push(() => message.refuse(tooLarge))
        else this.#pack(parcels, writer, message, body)
      }
    }
    for (const [writer, topics] of parcels) for (const list of topics.values()) for (const parcel of list) writer.publish(parcel)
    // Last, since whoever hears of one may send the next.
    for (const refuse of refusals) refuse()
  }

  async consume(options: ConsumeOptions): Promise<void> {
    for (const [what, name] of [
      ['topic', options.from],
      ['channel', options.group],
    ] as const) {
      if (!isNsqName(name)) throw new FrontierError('INVALID_ARGUMENT', `nsqd takes no ${what} of the name ${JSON.stringify(name)}`)
    }
    const consumer = new NsqConsumer(options, this.#settings)
    this.#consumers.add(consumer)
    try {
      await consumer.start()
    } catch (error) {
      consumer.stop()
      this.#consumers.delete(consumer)
      throw error
    }
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing'
      await Promise.all(Array.from(this.#consumers, (consumer) => consumer.drain(Math.min(timeoutMs, DRAIN_MS))))
      if (this.#unanswered > 0 && timeoutMs > 0) {
        let timer: NodeJS.Timeout | undefined
        await new Promise<void>((resolve) => {
          this.#onIdle = resolve
          timer = setTimeout(resolve, timeoutMs)
        })
        clearTimeout(timer)
      }
    }
    this.#end()
  }

  #look(): void {
    const looks = this.#writers.map((writer) => ({ writer, without: writer.turnsWithoutAnswer() }))
    const isAnyWell = looks.some(({ writer, without }) => writer.isUp && without <= 1)
    for (const { writer, without } of looks) if (isAnyWell && without >= MAX_LOOKS) writer.giveUp('it does not answer, and others do')
  }

  get #unanswered(): number {
    return this.#writers.reduce((sum, { unanswered }) => sum + unanswered, 0)
  }

  #bodyOf(message: PendingMessage): Buffer {
    const { data } = message
    if (this.#settings.envelope === 'json') return sealEnvelope(message)
    return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  }

  #pack(parcels: Map<NsqdWriter, Map<string, Parcel[]>>, writer: NsqdWriter, message: PendingMessage, body: Buffer): void {
    const topics = parcels.get(writer) ?? new Map<string, Parcel[]>()
    parcels.set(writer, topics)
    const list = topics.get(message.target) ?? []
    topics.set(message.target, list)
    let parcel = list.at(-1)
    if (parcel === undefined || parcel.bytes + body.length + 4 > this.#limits.maxBodyBytes) {
      parcel = { topic: message.target, messages: [], bodies: [], bytes: 4 }
      list.push(parcel)
    }
    parcel.messages.push(message)
    parcel.bodies.push(body)
    parcel.bytes += body.length + 4
  }

  #onUp(name: string): void {
    this.#onChange?.(name)
    if (this.#away.delete(name) && this.#state === 'open') this.#settings.logger?.info({ nsqd: name }, 'an nsqd is there again')
  }

  #onDown(name: string, error: FrontierError): void {
    this.#onChange?.(name, error)
    if (!this.#away.has(name)) this.#settings.logger?.warn({ nsqd: name, code: error.code, reason: error.reason }, 'an nsqd is away; the others, if any, take its messages')
    this.#away.add(name)
    if (this.#state !== 'open' && this.#state !== 'closing') return
    if (this.#writers.some(({ isUp }) => isUp)) return
    const isUnexpected = this.#state === 'open'
    this.#end()
    // What nsqd has against a message is no reason not to come back.
    if (isUnexpected) this.#events.onLost(new FrontierError('BRIDGE_UNAVAILABLE', error.reason, { cause: error }))
  }

  #end(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    clearInterval(this.#looking)
    for (const consumer of this.#consumers) consumer.stop()
    for (const writer of this.#writers) writer.stop()
    this.#onIdle?.()
  }
}
