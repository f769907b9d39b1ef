import type { PendingMessage } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import nsqdConnection from 'nsqjs/lib/nsqdconnection.js'

import { LastingLink, type LastingLinkEvents } from './lasting-link.js'
import type { LearnedLimits } from './learned-limits.js'
import type { NsqdAddress } from './nsqd-address.js'
import { publishFault, type PublishFault } from './nsqd-fault.js'
import { NsqdLink } from './nsqd-link.js'
import { publishCommand } from './publish-command.js'
import type { NsqSettings } from './resolve-options.js'

type WriterConnection = InstanceType<typeof nsqdConnection.WriterNSQDConnection>

/** Messages of one topic with their bytes: one command. */
export interface Parcel {
  readonly topic: string
  readonly messages: PendingMessage[]
  readonly bodies: Buffer[]
  bytes: number
}

/** Publishes to one nsqd, for as long as it is there. */
export class NsqdWriter {
  readonly address: NsqdAddress
  readonly #link: LastingLink<NsqdLink<WriterConnection>>
  readonly #limits: LearnedLimits
  readonly #onSettled: () => void
  /** Its connection is ending, but has not said so yet. */
  #isFailing = false
  /** Commands without their answer. */
  unanswered = 0
  #answers = 0
  #answersSeen = 0
  #turns = 0

  constructor(address: NsqdAddress, settings: NsqSettings, limits: LearnedLimits, events: LastingLinkEvents & { onSettled(): void }) {
    this.address = address
    this.#limits = limits
    this.#onSettled = () => events.onSettled()
    const { heartbeatSeconds, authSecret, tls, maxReconnectDelayMs } = settings
    const options = { heartbeatInterval: heartbeatSeconds, tls: tls !== undefined, ...(authSecret !== undefined && { authSecret }) }
    this.#link = new LastingLink(
      (link) => new NsqdLink(new nsqdConnection.WriterNSQDConnection(address.host, address.port, options), address, settings, link),
      {
        onUp: () => {
          this.#isFailing = false
          events.onUp()
        },
        onDown: (error) => events.onDown(error),
      },
      maxReconnectDelayMs,
    )
  }

  get isUp(): boolean {
    return !this.#isFailing && this.#link.link !== undefined
  }

  start(): void {
    this.#link.start()
  }

  /** Ends at once: what is unanswered is lost. */
  stop(): void {
    this.#isFailing = true
    this.#link.stop()
  }

  /**
   * Asked from time to time: how often in a row it had commands out, and not one answer since it was asked before. Turns and not milliseconds, since this process may have
   * been the one that hung.
   */
  turnsWithoutAnswer(): number {
    this.#turns = this.unanswered > 0 && this.#answers === this.#answersSeen ? this.#turns + 1 : 0
    this.#answersSeen = this.#answers
    return this.#turns
  }

  /** Its connection is given up, and made anew: what is unanswered is lost. */
  giveUp(reason: string): void {
    this.#turns = 0
    this.#link.link?.fail(new Error(reason))
  }

  /** Publishes a parcel to an nsqd that is up. nsqd answers commands in their order, with OK when it has all the messages. */
  publish(parcel: Parcel): void {
    this.unanswered++
    const { connection } = this.#link.link!
    // As the library's produceMessages does it, but for the bytes.
    connection.messageCallbacks.push((error) => {
      this.unanswered--
      this.#answers++
      if (error === null) for (const message of parcel.messages) message.done()
      else this.#onFailure(parcel, error)
      this.#onSettled()
    })
    connection.write(publishCommand(parcel.topic, parcel.bodies))
  }

  // The first of the commands that fail has nsqd's reason, if it gave one; all behind it only hear that the connection was closed.
  #onFailure({ topic, messages, bodies }: Parcel, error: Error): void {
    this.#isFailing = true
    const fault: PublishFault | undefined = publishFault(error, this.address.name)
    if (fault !== undefined) this.#limits.learn(topic, fault)
    const lost = new FrontierError('BRIDGE_UNAVAILABLE', `nsqd at ${this.address.name}: ${error.message}`, { delivered: 'maybe', cause: error })
    for (const [at, message] of messages.entries()) {
      const blamed = fault?.blame(bodies[at]!.length)
      if (blamed === undefined) message.lost(lost)
      else message.refuse(blamed)
    }
  }
}
