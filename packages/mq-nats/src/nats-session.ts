import type { BrokerSession, ConsumeOptions, PendingMessage, SessionEvents } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { JetStreamManager, NatsConnection } from 'nats'

import { CoreConsumer } from './core-consumer.js'
import { CoreSender } from './core-sender.js'
import { ensureStream } from './ensure-stream.js'
import { JetStreamConsumer } from './jetstream-consumer.js'
import { JetStreamSender } from './jetstream-sender.js'
import type { MessageSender } from './message-sender.js'
import { dialNats } from './nats-dial.js'
import { natsError } from './nats-errors.js'
import type { NatsSettings } from './nats-settings.js'
import { patternFault } from './nats-subject.js'

/** One connection to a server. When it ends, or a stream does not answer, the session does. */
export class NatsSession implements BrokerSession {
  readonly #connection: NatsConnection
  readonly #manager: JetStreamManager | undefined
  readonly #events: SessionEvents
  readonly #sender: MessageSender
  readonly #consumers: { stop(): void }[] = []
  #isOver = false
  /** Why it ended, when nobody closed it. */
  #failure: FrontierError | undefined

  private constructor(connection: NatsConnection, manager: JetStreamManager | undefined, settings: NatsSettings, events: SessionEvents) {
    this.#connection = connection
    this.#manager = manager
    this.#events = events
    const onUnanswered = (error: FrontierError): void => this.#end(error)
    this.#sender =
      manager === undefined || settings.jetStream === undefined
        ? new CoreSender(connection)
        : new JetStreamSender({ connection, manager, publishTimeoutMs: settings.jetStream.publishTimeoutMs, onUnanswered })
    void this.#watch()
    void connection.closed().then((error) => {
      this.#end(error === undefined ? new FrontierError('BRIDGE_UNAVAILABLE', 'nats: the connection was closed') : natsError(error))
    })
  }

  /** Connects, and sees to the stream. Rejects with a FrontierError, leaving nothing behind. */
  static async open(settings: NatsSettings, events: SessionEvents, signal: AbortSignal): Promise<NatsSession> {
    const connection = await dialNats(settings, signal)
    const onAbort = (): void => void connection.close()
    signal.addEventListener('abort', onAbort)
    try {
      let manager: JetStreamManager | undefined
      if (settings.jetStream !== undefined) {
        manager = await connection.jetstreamManager({ timeout: settings.connectTimeoutMs })
        await ensureStream(manager, settings.jetStream)
      }
      signal.throwIfAborted()
      return new NatsSession(connection, manager, settings, events)
    } catch (error) {
      await connection.close()
      throw natsError(error)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Bytes that the server takes in one message. */
  get maxPayloadBytes(): number {
    return this.#connection.info?.max_payload ?? Infinity
  }

  send(batch: readonly PendingMessage[]): void {
    this.#sender.send(batch)
  }

  async consume(options: ConsumeOptions): Promise<void> {
    const fault = patternFault(options.from)
    if (fault !== undefined) throw new FrontierError('INVALID_ARGUMENT', `nats: ${JSON.stringify(options.from)} is nothing to consume: ${fault}`)
    const onOver = (error: FrontierError): void => this.#end(error)
    if (this.#manager === undefined) {
      if (/\s/.test(options.group)) throw new FrontierError('INVALID_ARGUMENT', `nats: ${JSON.stringify(options.group)} is no queue group: it has a space`)
      const events = { onDropped: (error: FrontierError) => this.#events.onTrouble(error), onRoom: () => this.#events.onRecovered(), onOver }
      this.#failWhenOver()
      this.#consumers.push(new CoreConsumer(this.#connection, options, events))
    } else {
      const consumer = await JetStreamConsumer.start({ connection: this.#connection, manager: this.#manager, onOver }, options)
      this.#consumers.push(consumer)
      if (this.#isOver) consumer.stop()
    }
    // The library does not settle a flush whose connection ends.
    await Promise.race([this.#connection.flush().catch(() => undefined), this.#connection.closed()])
    // That we may not listen comes before the answer to the ping, but through a queue of the library.
    await new Promise((resolve) => setImmediate(resolve))
    this.#failWhenOver()
  }

  async close(timeoutMs: number): Promise<void> {
    const wasOver = this.#isOver
    this.#isOver = true
    for (const consumer of this.#consumers) consumer.stop()
    if (!wasOver && timeoutMs > 0) {
      // Acknowledgements of what was consumed leave with the flush.
      await within(timeoutMs, Promise.all([this.#sender.whenIdle(), this.#connection.flush()]))
    }
    this.#sender.fail(new FrontierError('BRIDGE_UNAVAILABLE', 'nats: closed', { delivered: 'maybe' }))
    await this.#connection.close()
  }

  #failWhenOver(): void {
    if (this.#isOver || this.#connection.isClosed()) throw this.#failure ?? new FrontierError('BRIDGE_UNAVAILABLE', 'nats: closed')
  }

  #end(error: FrontierError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = error
    for (const consumer of this.#consumers) consumer.stop()
    this.#sender.fail(error)
    void this.#connection.close()
    this.#events.onLost(error)
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      const context = status.permissionContext
      if (context?.operation === 'publish') this.#sender.onDenied(context.subject)
    }
  }
}

/** Waits for `promise`, but not longer than `ms`, and not for its success. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)))
  await Promise.race([promise.catch(() => undefined), late])
  clearTimeout(timer)
}
