import { FrontierError } from '@frontier/wire'
import type { BridgeOptions } from './bridge-options.js'
import { createBrokerBridge, type BrokerBridge } from './broker-bridge.js'
import type { BrokerDriver, BrokerSession, ConsumeOptions, OutgoingMessage, PendingMessage, SessionEvents } from './broker-driver.js'

/** When a message comes again that was given back. */
const RETRY_MS = 20

/** What the broker takes. */
export interface MemoryBrokerOptions {
  /** Largest `data`: 1 MiB; more is refused. */
  readonly maxMessageBytes?: number | undefined
}

interface Consumer {
  readonly options: ConsumeOptions
  unsettled: number
}

interface Queue {
  /** In the order they came, also those that were given back. */
  readonly waiting: { readonly message: OutgoingMessage; readonly place: number }[]
  readonly consumers: Set<Consumer>
}

/**
 * A broker in this process, for tests and for programs that are their own broker: whatever was sent is kept in `messages` and goes to one consumer of each group. It can be taken
 * away and brought back.
 */
export class MemoryBroker {
  /** All that was sent, in order; each id once. */
  readonly messages: OutgoingMessage[] = []
  readonly maxMessageBytes: number
  readonly #ids = new Set<string>()
  /** By topic and group. */
  readonly #queues = new Map<string, Map<string, Queue>>()
  readonly #sessions = new Set<MemorySession>()
  #isDown = false

  constructor({ maxMessageBytes = 1_048_576 }: MemoryBrokerOptions = {}) {
    this.maxMessageBytes = maxMessageBytes
  }

  get isDown(): boolean {
    return this.#isDown
  }

  /** Cuts all connections, and takes none until {@link comeBack}. */
  goDown(): void {
    this.#isDown = true
    for (const session of [...this.#sessions]) session.cut()
  }

  comeBack(): void {
    this.#isDown = false
  }

  /** Connects. @throws BRIDGE_UNAVAILABLE while it is down */
  open(events: SessionEvents): BrokerSession {
    if (this.#isDown) throw new FrontierError('BRIDGE_UNAVAILABLE', 'the broker in memory is down')
    const session = new MemorySession(this, events, () => this.#sessions.delete(session))
    this.#sessions.add(session)
    return session
  }

  /** Keeps `message` and hands it to the consumers of its topic. */
  take(message: OutgoingMessage): void {
    if (this.#ids.has(message.id)) return
    this.#ids.add(message.id)
    const place = this.messages.push(message)
    for (const queue of this.#queues.get(message.target)?.values() ?? []) {
      queue.waiting.push({ message, place })
      this.#feed(message.target, queue)
    }
  }

  /** Consumes what is sent from now on; undone by the returned function. */
  consume(options: ConsumeOptions): () => void {
    const groups = this.#queues.get(options.from) ?? new Map<string, Queue>()
    this.#queues.set(options.from, groups)
    const queue = groups.get(options.group) ?? { waiting: [], consumers: new Set() }
    groups.set(options.group, queue)
    const consumer = { options, unsettled: 0 }
    queue.consumers.add(consumer)
    this.#feed(options.from, queue)
    return () => void queue.consumers.delete(consumer)
  }

  #feed(source: string, queue: Queue): void {
    for (const consumer of queue.consumers) {
      while (queue.waiting.length > 0 && consumer.unsettled < consumer.options.maxUnsettled) {
        const taken = queue.waiting.shift()!
        consumer.unsettled++
        let isSettled = false
        const settle = (again: boolean) => () => {
          if (isSettled) return
          isSettled = true
          consumer.unsettled--
          if (again) queue.waiting.splice(queue.waiting.findLastIndex(({ place }) => place < taken.place) + 1, 0, taken)
          // Not at once: whoever gives it back may be in the middle of taking it, and may give it back again.
          setTimeout(() => this.#feed(source, queue), again ? RETRY_MS : 0)
        }
        const { key, headers, data } = taken.message
        consumer.options.onMessage({ source, key, headers, data, ack: settle(false), retry: settle(true) })
      }
    }
  }
}

class MemorySession implements BrokerSession {
  readonly #broker: MemoryBroker
  readonly #events: SessionEvents
  readonly #leave: () => void
  readonly #unsettled = new Set<PendingMessage>()
  readonly #cancels: (() => void)[] = []
  #isOver = false

  constructor(broker: MemoryBroker, events: SessionEvents, leave: () => void) {
    this.#broker = broker
    this.#events = events
    this.#leave = leave
  }

  send(batch: readonly PendingMessage[]): void {
    for (const message of batch) this.#unsettled.add(message)
    // As from a broker: the answer comes later.
    setImmediate(() => {
      for (const message of batch) {
        if (!this.#unsettled.delete(message)) continue
        const { target, key, partition, headers, data, id } = message
        this.#broker.take({ target, key, partition, headers, data, id })
        message.done()
      }
    })
  }

  consume(options: ConsumeOptions): Promise<void> {
    this.#cancels.push(this.#broker.consume(options))
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.#end()
    return Promise.resolve()
  }

  /** The broker went down. */
  cut(): void {
    this.#end()
    this.#events.onLost(lost())
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#leave()
    for (const cancel of this.#cancels) cancel()
    for (const message of [...this.#unsettled]) message.lost(lost())
    this.#unsettled.clear()
  }
}

/** A bridge into a broker in this process. @throws INVALID_ARGUMENT for options that do not hold. */
export function memoryBridge(broker: MemoryBroker, options: BridgeOptions): BrokerBridge {
  return createBrokerBridge(memoryDriver(broker), options)
}

/** The driver of {@link memoryBridge}: an example of one, too. */
export function memoryDriver(broker: MemoryBroker): BrokerDriver {
  return {
    kind: 'memory',
    batch: { maxMessages: 1024, maxBytes: 1_048_576, maxBatches: 1, lingerMs: 0 },
    resend: 'deduplicated',
    check({ data, target }) {
      if (target.length > 255) return new FrontierError('INVALID_ARGUMENT', 'a topic of the broker in memory has at most 255 characters')
      if (data.length <= broker.maxMessageBytes) return undefined
      return new FrontierError('PAYLOAD_TOO_LARGE', `${data.length} bytes, the broker takes ${broker.maxMessageBytes}`)
    },
    open: (events) => Promise.resolve().then(() => broker.open(events)),
  }
}

function lost(): FrontierError {
  return new FrontierError('BRIDGE_UNAVAILABLE', 'the broker in memory went down')
}
