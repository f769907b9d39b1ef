import type { BrokerSession, ConsumeOptions, PendingMessage, SessionEvents } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { Redis } from 'ioredis'
import { ChannelConsumer } from './channel-consumer.js'
import { publishCommand } from './publish-command.js'
import { dial, hangUp, type RedisConnection } from './redis-dial.js'
import { redisFault } from './redis-errors.js'
import type { RedisMasters } from './redis-masters.js'
import type { RedisSettings } from './redis-settings.js'
import { StreamConsumer } from './stream-consumer.js'

/** What runs for one `consume`. */
interface Consumer {
  /** Takes nothing more, and resolves when what was acknowledged is. */
  stop(): Promise<void>
}

/** Connections to the masters, over when one of them is: what was on its way is sent again by the next session, which asks anew who the masters are. */
export class RedisSession implements BrokerSession {
  readonly #settings: RedisSettings
  readonly #masters: RedisMasters
  readonly #events: SessionEvents
  readonly #unsettled = new Set<PendingMessage>()
  readonly #consumers = new Set<Consumer>()
  /** Connections of consumers. */
  readonly #readers = new Set<RedisConnection>()
  readonly #over = new AbortController()
  #isClosing = false
  #onSettled: (() => void) | undefined = undefined

  constructor(settings: RedisSettings, masters: RedisMasters, events: SessionEvents) {
    this.#settings = settings
    this.#masters = masters
    this.#events = events
    for (const connection of masters.connections) this.#watch(connection)
  }

  send(batch: readonly PendingMessage[]): void {
    // What goes to one server leaves in one write.
    const corked = new Set<Redis>()
    for (const message of batch) {
      const { redis, name } = this.#masters.of(message.target)
      if (!corked.has(redis)) {
        corked.add(redis)
        redis.stream.cork()
      }
      this.#unsettled.add(message)
      redis.sendCommand(publishCommand(message, this.#settings, (error, answer) => this.#onAnswer(message, name, error, answer)))
    }
    for (const redis of corked) redis.stream.uncork()
  }

  async consume(options: ConsumeOptions): Promise<void> {
    const settings = this.#settings
    const { connections } = this.#masters
    const master = settings.isStream ? this.#masters.of(options.from) : connections[0]!
    const reader = await dial(master.address, settings, { login: settings.login, db: settings.db, signal: this.#over.signal })
    this.#readers.add(reader)
    this.#watch(reader)
    const host = { reader: reader.redis, master: master.redis, onBroken: (error: unknown) => this.#fail(redisFault(error, master.name).error), onTrouble: (error: FrontierError) => this.#events.onTrouble(error) }
    const consumer = settings.isStream ? new StreamConsumer(options, settings, host) : new ChannelConsumer(options, settings, host)
    this.#consumers.add(consumer)
    try {
      await consumer.start()
    } catch (error) {
      throw redisFault(error, master.name).error
    }
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    const { signal } = this.#over
    if (!signal.aborted && timeoutMs > 0) {
      const settled = new Promise<void>((resolve) => {
        this.#onSettled = resolve
        if (this.#unsettled.size === 0) resolve()
      })
      await within(Promise.all([settled, ...[...this.#consumers].map((consumer) => consumer.stop())]), timeoutMs, signal)
    }
    this.#end(new FrontierError('BRIDGE_UNAVAILABLE', 'the connection was closed'))
  }

  #onAnswer(message: PendingMessage, name: string, error: unknown, answer: unknown): void {
    if (!this.#unsettled.delete(message)) return
    if (error != null) {
      const fault = redisFault(error, name)
      if (fault.isConnectionOver) {
        message.lost(fault.error)
        this.#fail(fault.error)
      } else message.refuse(fault.error)
    } else if (answer == null) message.refuse(new FrontierError('RECORD_NOT_FOUND', `${name}: there is no stream ${JSON.stringify(message.target)}`))
    else message.done()
    if (this.#unsettled.size === 0) this.#onSettled?.()
  }

  #watch({ redis, name }: RedisConnection): void {
    let cause: unknown
    redis.on('error', (error: unknown) => (cause ??= error))
    redis.once('end', () => this.#fail(redisFault(cause ?? new Error('the connection was closed'), name).error))
    // It may have ended before anybody listened.
    if (redis.status === 'end') this.#fail(redisFault(new Error('the connection was closed'), name).error)
  }

  #fail(error: FrontierError): void {
    if (this.#over.signal.aborted) return
    this.#end(error)
    if (!this.#isClosing) this.#events.onLost(error)
  }

  #end(error: FrontierError): void {
    this.#over.abort()
    for (const { redis } of [...this.#masters.connections, ...this.#readers]) hangUp(redis)
    for (const consumer of this.#consumers) void consumer.stop()
    for (const message of this.#unsettled) message.lost(error)
    this.#unsettled.clear()
    this.#onSettled?.()
  }
}

/** Resolves when `done` does, `signal` aborts, or after `timeoutMs`. */
async function within(done: Promise<unknown>, timeoutMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeoutMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
    void done.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

