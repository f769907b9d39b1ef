import { randomBytes } from 'node:crypto'
import type { Bridge, BridgeGateway, BridgeMessage, BridgeStatus, PendingBridgeMessage } from '@frontier/exchange'
import { FrontierError } from '@frontier/wire'
import type { BridgeOptions } from './bridge-options.js'
import { resolveBridgeOptions, type BridgeSettings } from './bridge-settings.js'
import { BrokerConnection } from './broker-connection.js'
import type { BrokerDriver, BrokerSession, OutgoingMessage } from './broker-driver.js'
import { Consumption } from './consumption.js'
import { headersOf } from './edge-facts.js'
import { Inbound } from './inbound.js'
import { OutboxEntry, type Waiter } from './outbox-entry.js'
import { answerByOf, Outbox } from './outbox.js'
import { withinTime } from './within-time.js'

/** A bridge into a broker. */
export interface BrokerBridge extends Bridge {
  readonly limits: { readonly maxWaiting: number; readonly maxWaitingBytes: number }
  start(gateway: BridgeGateway): Promise<void>
  publish(message: BridgeMessage): Promise<void>
  take(message: PendingBridgeMessage): void
  status(): Pick<BridgeStatus, 'state' | 'reconnects' | 'delivered' | 'deadLettered' | 'lastError'>
  close(): Promise<void>
}

/**
 * Makes a bridge of a broker's driver: it connects for ever, keeps what waits within bounds of number, bytes and time, sends in batches and in order, and delivers what it
 * consumes. @throws INVALID_ARGUMENT for options that do not hold.
 */
export function createBrokerBridge(driver: BrokerDriver, options: BridgeOptions = {}): BrokerBridge {
  return new DrivenBridge(driver, resolveBridgeOptions(driver.kind, options))
}

class DrivenBridge implements BrokerBridge {
  readonly name: string
  readonly topics: readonly string[]
  readonly limits: { readonly maxWaiting: number; readonly maxWaitingBytes: number }
  readonly #driver: BrokerDriver
  readonly #settings: BridgeSettings
  readonly #outbox: Outbox
  readonly #connection: BrokerConnection
  #inbounds: readonly Inbound[] = []
  #consumption: Consumption | undefined = undefined
  /** The first session need not have all that is to be consumed, unless that is asked for. */
  #mustConsume: boolean
  /** Ids of its messages begin with it: no other bridge, and no other run of this one, has the same. */
  readonly #idPrefix = `${randomBytes(9).toString('base64url')}-`
  #lastId = 0

  constructor(driver: BrokerDriver, settings: BridgeSettings) {
    const { name, topics, maxWaiting, maxWaitingBytes, ackTimeoutMs, connectTimeoutMs, maxReconnectDelayMs, logger } = settings
    this.name = name
    this.topics = topics
    this.limits = { maxWaiting, maxWaitingBytes }
    this.#driver = driver
    this.#settings = settings
    this.#mustConsume = settings.isRequired
    this.#outbox = new Outbox({
      batch: driver.batch,
      resend: driver.resend,
      ackTimeoutMs,
      onStalled: () => {
        this.#connection.reset(new FrontierError('BRIDGE_UNAVAILABLE', `the broker has not answered within ${ackTimeoutMs} ms`))
      },
    })
    this.#connection = new BrokerConnection(driver, {
      name,
      connectTimeoutMs,
      maxReconnectDelayMs,
      logger,
      onSession: (session) => this.#use(session),
      onGone: (error) => {
        this.#consumption?.end()
        this.#outbox.detach(error)
        for (const inbound of this.#inbounds) inbound.forget()
      },
      onRefused: (error) => {
        this.#outbox.refuse(new FrontierError('BRIDGE_UNAVAILABLE', `the broker does not take us: ${error.message}`, { cause: error }))
      },
    })
  }

  async start(gateway: BridgeGateway): Promise<void> {
    await this.#driver.prepare?.()
    const { consume, logger, name, isRequired } = this.#settings
    const send = (message: Omit<OutgoingMessage, 'id'>): Promise<void> => promised((waiter) => this.#send(message, Infinity, waiter))
    this.#inbounds = consume.map((settings) => new Inbound(settings, { gateway, logger, name, send }))
    await this.#connection.start(isRequired)
  }

  publish(message: BridgeMessage): Promise<void> {
    return promised((waiter) => this.#publish(message, waiter), message)
  }

  take(message: PendingBridgeMessage): void {
    this.#publish(message, message)
  }

  status(): ReturnType<BrokerBridge['status']> {
    const { state, reconnects, lastError } = this.#connection
    let delivered = 0
    let deadLettered = 0
    for (const inbound of this.#inbounds) {
      delivered += inbound.delivered
      deadLettered += inbound.deadLettered
    }
    return { state, reconnects, delivered, deadLettered, ...(lastError !== undefined && { lastError }) }
  }

  async close(): Promise<void> {
    const { closeTimeoutMs } = this.#settings
    const deadline = performance.now() + closeTimeoutMs
    const inboundsOver = Promise.all(this.#inbounds.map((inbound) => inbound.close()))
    // Not longer: a dead letter may wait for a broker that is away.
    await withinTime(inboundsOver, closeTimeoutMs)
    await this.#outbox.flush(Math.max(0, deadline - performance.now()))
    await this.#connection.close(Math.max(0, deadline - performance.now()))
    this.#outbox.refuse(new FrontierError('BRIDGE_UNAVAILABLE', 'the bridge was closed'))
    await inboundsOver
  }

  async #use(session: BrokerSession): Promise<void> {
    const { consume, maxReconnectDelayMs } = this.#settings
    if (consume.length > 0 && session.consume === undefined) throw new FrontierError('INVALID_ARGUMENT', `${this.#driver.kind} cannot be consumed, the way it is configured`)
    this.#outbox.attach(session)
    const sources = consume.map(({ from, group, maxUnsettled }, at) => ({ from, group, maxUnsettled, onMessage: this.#inbounds[at]!.onMessage }))
    if (this.#mustConsume) {
      for (const source of sources) await session.consume!(source)
      this.#mustConsume = false
      return
    }
    this.#consumption = new Consumption(session, maxReconnectDelayMs, (error) => {
      this.#connection.note(error, 'nothing is consumed for now')
    })
    this.#consumption.begin(sources)
  }

  #publish(message: BridgeMessage, waiter: Waiter): void {
    const { target, key, partition } = this.#settings.mapper.map(message)
    this.#send({ target, key, partition, headers: headersOf(message), data: message.data }, message.deadline, waiter)
  }

  /** @throws what is wrong with the message, by the broker's rules */
  #send({ target, key, partition, headers, data }: Omit<OutgoingMessage, 'id'>, deadline: number, waiter: Waiter): void {
    const fields = { target, key, partition, headers, data, idPrefix: this.#idPrefix, number: ++this.#lastId, answerBy: answerByOf(deadline), waiter }
    const entry = new OutboxEntry(this.#outbox, fields)
    const error = this.#driver.check(entry)
    if (error !== undefined) throw error
    this.#outbox.add(entry)
  }
}

/** What becomes of what `begin` begins, which tells its waiter or throws. */
function promised(begin: (waiter: Waiter) => void, from?: { readonly isAbandoned: boolean }): Promise<void> {
  return new Promise((resolve, reject) => {
    begin({
      get isAbandoned() {
        return from?.isAbandoned ?? false
      },
      done: resolve,
      fail: reject,
    })
  })
}
