import type { BridgeMessage } from '@frontier/exchange'
import { FrontierError } from '@frontier/wire'
import type { WebhookClient } from './webhook-client.js'
import { messageHeaders, signedHeaders } from './webhook-headers.js'
import type { Gate, Job } from './webhook-lanes.js'
import type { WebhookSettings } from './webhook-settings.js'
import { backoffMs, unavailable, verdictOf } from './webhook-verdict.js'

/** The edge's answer has to be back with it by the deadline. */
const MARGIN_MS = 250
const MARGIN_SHARE = 10
const MAX_TIMER_MS = 0x7fff_ffff

/** What deliveries share. */
export interface DeliveryHost {
  readonly client: WebhookClient
  readonly settings: WebhookSettings
  /** A server answered, or did not; with its error when the message is not through. */
  readonly onAnswer: (error: FrontierError | undefined) => void
}

/** One message on its way: tried until a server takes it or refuses it, or its time or its tries are up. */
export class WebhookDelivery implements Job {
  readonly settled: Promise<void>
  readonly #message: BridgeMessage
  readonly #url: URL
  readonly #id: string
  readonly #host: DeliveryHost
  readonly #answerBy: number
  #isOver = false
  #attempts = 0
  #settle!: (error: FrontierError | undefined) => void
  /** Ends the wait between tries. */
  #wake: (() => void) | undefined = undefined

  constructor(message: BridgeMessage, place: { url: URL; id: string }, host: DeliveryHost) {
    this.#message = message
    this.#url = place.url
    this.#id = place.id
    this.#host = host
    this.#answerBy = message.deadline - Math.min(MARGIN_MS, (message.deadline - performance.now()) / MARGIN_SHARE)
    this.settled = new Promise((resolve, reject) => {
      this.#settle = (error) => {
        if (error === undefined) resolve()
        else reject(error)
      }
    })
  }

  /** Ends it where it is late, or where nobody waits for it: its edge is told, whatever still runs. */
  sweep(now: number): void {
    if (this.#isOver) return
    if (this.#answerBy <= now) this.finish(this.#gaveUp('there was no time left'))
    else if (this.#message.isAbandoned) this.finish(this.#gaveUp('nobody waits for it any more'))
  }

  /** Ends it; the first time counts. */
  finish(error: FrontierError | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#settle(error)
    this.#wake?.()
  }

  get isOver(): boolean {
    return this.#isOver
  }

  async run(gate: Gate): Promise<void> {
    const { maxAttempts, maxRetryDelayMs } = this.#host.settings
    const limit = this.#message.isUnacked ? 1 : maxAttempts
    const headers = messageHeaders(this.#message, this.#host.settings.headers)
    while (!this.#isOver) {
      const failure = await gate.through(() => this.#try(headers))
      if (failure === undefined || this.isOver) return
      const delayMs = Math.max(backoffMs(this.#attempts, maxRetryDelayMs), failure.retryAfterMs)
      const isLate = performance.now() + delayMs >= this.#answerBy || failure.retryAfterMs > maxRetryDelayMs
      if (this.#attempts >= limit || isLate) this.finish(failure.trouble)
      else await this.#pause(delayMs)
    }
  }

  /** One try. Returns what went wrong when another may help. */
  async #try(headers: Readonly<Record<string, string>>): Promise<{ trouble: FrontierError; retryAfterMs: number } | undefined> {
    // It may have waited for its place.
    this.sweep(performance.now())
    if (this.isOver) return undefined
    const { client, settings, onAnswer } = this.#host
    const { data } = this.#message
    this.#attempts++
    const timeoutMs = Math.max(1, Math.min(settings.timeoutMs, Math.ceil(this.#answerBy - performance.now())))
    try {
      const answer = await client.post({ url: this.#url, headers: { ...headers, ...signedHeaders(this.#id, data, settings) }, body: data, timeoutMs, mayRepeat: !this.#message.isUnacked })
      const verdict = verdictOf(answer, this.#url.host)
      if (verdict !== undefined && 'trouble' in verdict) {
        onAnswer(verdict.trouble)
        return verdict
      }
      onAnswer(undefined)
      this.finish(verdict?.refusal)
      return undefined
    } catch (error) {
      const trouble = unavailable(`${this.#url.host}: ${textOf(error)}`, error)
      onAnswer(trouble)
      return { trouble, retryAfterMs: 0 }
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(delayMs, MAX_TIMER_MS))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #gaveUp(why: string): FrontierError {
    return new FrontierError('BRIDGE_UNAVAILABLE', `${this.#url.host}: ${why}`, { delivered: this.#attempts === 0 ? 'no' : 'maybe' })
  }
}

function textOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException
  // Of several addresses of one host none could be reached: an AggregateError, without a text of its own.
  return message === '' ? (code ?? 'cannot be reached') : message
}
