import { randomBytes } from 'node:crypto'
import type { Bridge, BridgeMessage, BridgeState, BridgeStatus } from '@frontier/exchange'
import { FrontierError, toFrontierError } from '@frontier/wire'
import type { WebhookBridgeOptions } from './webhook-bridge-options.js'
import { WebhookClient } from './webhook-client.js'
import { WebhookDelivery } from './webhook-delivery.js'
import { Lanes } from './webhook-lanes.js'
import { webhookSettings, type WebhookSettings } from './webhook-settings.js'

const SWEEP_MS = 50

/**
 * Posts messages of edges to web addresses; an edge has its acknowledgement once a server answered with 2xx. @throws INVALID_ARGUMENT for options that do not hold.
 */
export function webhookBridge(options: WebhookBridgeOptions): Bridge {
  return new WebhookBridge(webhookSettings(options))
}

/** No broker's driver: there is no connection to keep, and a message that its edge has given up must not be tried again before the next of its key. */
class WebhookBridge implements Bridge {
  readonly name: string
  readonly topics: readonly string[]
  readonly limits: WebhookSettings['limits']
  readonly #settings: WebhookSettings
  readonly #client: WebhookClient
  readonly #lanes: Lanes
  readonly #deliveries = new Set<WebhookDelivery>()
  /** Ids of its messages begin with it: no other bridge, and no other run of this one, has the same. */
  readonly #idPrefix = `msg_${randomBytes(12).toString('hex')}_`
  #lastId = 0
  #sweep: ReturnType<typeof setInterval> | undefined = undefined
  #state: BridgeState = 'connecting'
  #reconnects = 0
  #lastError: BridgeStatus['lastError'] = undefined

  constructor(settings: WebhookSettings) {
    this.name = settings.name
    this.topics = settings.topics
    this.limits = settings.limits
    this.#settings = settings
    this.#client = new WebhookClient(settings)
    this.#lanes = new Lanes(settings.maxConcurrency)
  }

  async start(): Promise<void> {
    const { isRequired, target, connectTimeoutMs } = this.#settings
    if (!isRequired) return
    try {
      await Promise.all(target.origins.map((origin) => this.#client.reach(origin, connectTimeoutMs)))
      this.#state = 'online'
    } catch (error) {
      throw toFrontierError(error, 'BRIDGE_UNAVAILABLE')
    }
  }

  async publish(message: BridgeMessage): Promise<void> {
    const { url, key } = this.#settings.target.of(message)
    const place = { url, id: this.#idPrefix + (++this.#lastId).toString(36) }
    const delivery = new WebhookDelivery(message, place, { client: this.#client, settings: this.#settings, onAnswer: this.#onAnswer })
    this.#deliveries.add(delivery)
    this.#sweep ??= setInterval(() => this.#onSweep(), SWEEP_MS)
    this.#lanes.add(key, delivery)
    try {
      await delivery.settled
    } finally {
      this.#deliveries.delete(delivery)
      if (this.#deliveries.size === 0) this.#stopSweep()
    }
  }

  status(): Pick<BridgeStatus, 'state' | 'reconnects' | 'lastError'> {
    return { state: this.#state, reconnects: this.#reconnects, ...(this.#lastError !== undefined && { lastError: this.#lastError }) }
  }

  async close(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#settings.closeTimeoutMs)
    })
    await Promise.race([this.#lanes.idle(), late])
    clearTimeout(timer)
    this.#state = 'closed'
    for (const delivery of this.#deliveries) delivery.finish(new FrontierError('BRIDGE_UNAVAILABLE', 'the bridge was closed', { delivered: 'maybe' }))
    this.#client.destroy()
    await this.#lanes.idle()
    this.#stopSweep()
  }

  readonly #onAnswer = (error: FrontierError | undefined): void => {
    if (this.#state === 'closed') return
    if (error === undefined) {
      if (this.#state === 'offline') this.#reconnects++
      this.#state = 'online'
      return
    }
    this.#lastError = { code: error.code, reason: error.reason, at: Date.now() }
    if (this.#state !== 'offline') this.#settings.logger.warn({ bridge: this.name, code: error.code, reason: error.reason }, 'a webhook fails')
    this.#state = 'offline'
  }

  #onSweep(): void {
    const now = performance.now()
    for (const delivery of this.#deliveries) delivery.sweep(now)
  }

  #stopSweep(): void {
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }
}
