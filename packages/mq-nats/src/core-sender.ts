import type { PendingMessage } from '@frontier/mq'
import { type FrontierError } from '@frontier/wire'
import type { NatsConnection } from 'nats'

import { DeniedSubjects } from './denied-subjects.js'
import { admitted, type MessageSender } from './message-sender.js'
import { natsError } from './nats-errors.js'

/** Core NATS: a batch is settled when the server answered the ping behind it, which says that it has read the batch, and no more. */
export class CoreSender implements MessageSender {
  readonly #connection: NatsConnection
  readonly #denied = new DeniedSubjects()
  readonly #underWay = new Set<readonly PendingMessage[]>()
  #failure: FrontierError | undefined
  #onIdle: (() => void) | undefined

  constructor(connection: NatsConnection) {
    this.#connection = connection
  }

  send(batch: readonly PendingMessage[]): void {
    const sent = batch.filter((message) => this.#publish(message))
    if (sent.length === 0) return
    this.#underWay.add(sent)
    this.#connection.flush().then(
      // What the server says of a publish that it does not allow comes before its answer to the ping, but through a queue of the library.
      () => setImmediate(() => this.#settle(sent)),
      () => undefined, // The connection is gone: fail() comes.
    )
  }

  onDenied(subject: string): void {
    this.#denied.add(subject)
  }

  whenIdle(): Promise<void> {
    return this.#underWay.size === 0 ? Promise.resolve() : new Promise((resolve) => (this.#onIdle = resolve))
  }

  fail(error: FrontierError): void {
    this.#failure = error
    for (const batch of this.#underWay) for (const message of batch) message.lost(error)
    this.#underWay.clear()
    this.#onIdle?.()
  }

  #publish(message: PendingMessage): boolean {
    if (this.#failure !== undefined) {
      message.lost(this.#failure)
      return false
    }
    const headers = admitted(message, this.#connection, this.#denied)
    if (headers === undefined) return false
    try {
      this.#connection.publish(message.target, message.data, { headers })
      return true
    } catch (error) {
      message.lost(natsError(error))
      return false
    }
  }

  #settle(batch: readonly PendingMessage[]): void {
    if (!this.#underWay.delete(batch)) return
    for (const message of batch) {
      const refusal = this.#denied.refusal(message.target)
      if (refusal === undefined) message.done()
      else message.refuse(refusal)
    }
    if (this.#underWay.size === 0) this.#onIdle?.()
  }
}
