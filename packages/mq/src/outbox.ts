// What waits for a broker, and what is on its way to it. Above 200 lines: order, bounds of time and what is sent again are one bookkeeping.
import type { FrontierError } from '@frontier/wire'
import type { BatchLimits, BrokerSession, OutgoingMessage, ResendPolicy } from './broker-driver.js'
import { Attempt, OutboxEntry, unavailable, type Batch, type OutboxEntryOwner } from './outbox-entry.js'

const SWEEP_MS = 100
/** An answer leaves this long before its edge gives up, so that the edge hears why: a tenth of its time, but not more than this. */
const MARGIN_MS = 250
const MARGIN_SHARE = 10

/** What an outbox needs to know of its bridge. */
export interface OutboxOptions {
  readonly batch: BatchLimits
  readonly resend: ResendPolicy
  readonly ackTimeoutMs: number
  /** The broker has not settled something for `ackTimeoutMs`: the connection is as good as gone. */
  onStalled(): void
}

/**
 * Messages on their way to a broker, in their order. They leave in batches while there is a session, and wait while there is none, each within its own time; what was lost with
 * a session goes first to the next one.
 */
export class Outbox implements OutboxEntryOwner {
  readonly #options: OutboxOptions
  #waiting: OutboxEntry[] = []
  /** Where the first that waits is. */
  #head = 0
  /** Lost with a session, or by one. */
  #lost: OutboxEntry[] = []
  readonly #batches = new Set<Batch>()
  #session: BrokerSession | undefined = undefined
  #order = 0
  #size = 0
  #isScheduled = false
  #linger: ReturnType<typeof setTimeout> | undefined = undefined
  #sweep: ReturnType<typeof setInterval> | undefined = undefined
  /** Why nothing can be sent for now, when trying again is not what helps. */
  #refusal: FrontierError | undefined = undefined
  #onEmpty: (() => void) | undefined = undefined

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Messages that are not settled. */
  get size(): number {
    return this.#size
  }

  /** Resolves when the broker has `message`. Rejects with the broker's error, or BRIDGE_UNAVAILABLE when it was away until shortly before `deadline`. */
  add(message: OutgoingMessage, { deadline = Number.POSITIVE_INFINITY, isAbandoned = never }: { deadline?: number; isAbandoned?: () => boolean } = {}): Promise<void> {
    if (this.#refusal !== undefined && this.#session === undefined) return Promise.reject(this.#refusal)
    const margin = Math.min(MARGIN_MS, (deadline - performance.now()) / MARGIN_SHARE)
    const entry = new OutboxEntry(this, { message, order: this.#order++, answerBy: deadline - margin, isAbandoned })
    this.#size++
    this.#waiting.push(entry)
    this.#sweep ??= setInterval(() => this.#onSweep(), SWEEP_MS)
    this.#schedule()
    return entry.settled
  }

  /** There is a connection: what waits goes out. */
  attach(session: BrokerSession): void {
    this.#session = session
    this.#refusal = undefined
    this.#schedule()
  }

  /** The connection is gone: what it has not settled is lost. */
  detach(error: FrontierError): void {
    this.#session = undefined
    for (const batch of [...this.#batches]) for (const attempt of [...batch.attempts]) attempt.lost(error)
  }

  /** The broker does not let us in, and will not by itself: what waits and what comes fails with `error`, until there is a connection. */
  refuse(error: FrontierError): void {
    this.#refusal = error
    this.failAll(error.reason)
  }

  /** Everything that is not settled fails with BRIDGE_UNAVAILABLE. */
  failAll(reason: string): void {
    this.#stopLinger()
    const batches = [...this.#batches]
    for (const entry of [...this.#lost, ...this.#waiting.slice(this.#head)]) entry.finish(unavailable(reason, entry.wasSent))
    for (const batch of batches) for (const { entry } of [...batch.attempts]) entry.finish(unavailable(reason, true))
  }

  /** Resolves when nothing is left, or nothing can be sent, or after `timeoutMs`. */
  flush(timeoutMs: number): Promise<void> {
    if (this.#size === 0 || this.#session === undefined) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#onEmpty = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#pump()
    })
  }

  onOver(): void {
    this.#size--
    if (this.#size > 0) return
    clearInterval(this.#sweep)
    this.#sweep = undefined
    this.#onEmpty?.()
    this.#onEmpty = undefined
  }

  onLost(entry: OutboxEntry, error: FrontierError): void {
    if (this.#options.resend === 'never') {
      entry.finish(unavailable(`the broker may not have it: ${error.reason}`, true, error))
      return
    }
    this.#lost.push(entry)
    this.#schedule()
  }

  onAttemptOver(attempt: Attempt): void {
    const { attempts } = attempt.batch
    attempts.delete(attempt)
    if (attempts.size > 0) return
    this.#batches.delete(attempt.batch)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#session === undefined) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#lingerOrPump()
    })
  }

  #lingerOrPump(): void {
    const { lingerMs, maxMessages } = this.#options.batch
    const hasToWait = lingerMs > 0 && this.#lost.length === 0 && this.#waiting.length - this.#head < maxMessages && this.#onEmpty === undefined
    if (!hasToWait) this.#pump()
    else if (this.#waiting.length > this.#head) {
      this.#linger ??= setTimeout(() => {
        this.#pump()
      }, lingerMs)
    }
  }

  #stopLinger(): void {
    clearTimeout(this.#linger)
    this.#linger = undefined
  }

  #pump(): void {
    this.#stopLinger()
    this.#requeueLost()
    const { maxBatches } = this.#options.batch
    while (this.#session !== undefined && this.#batches.size < maxBatches) {
      const batch = this.#nextBatch()
      if (batch === undefined) return
      this.#batches.add(batch)
      this.#session.send([...batch.attempts])
    }
  }

  /** They were published before those that wait, mostly. */
  #requeueLost(): void {
    if (this.#lost.length === 0) return
    const waiting = this.#waiting.slice(this.#head)
    this.#waiting = [...this.#lost, ...waiting].sort((a, b) => a.order - b.order)
    this.#head = 0
    this.#lost = []
  }

  #nextBatch(): Batch | undefined {
    const { maxMessages, maxBytes } = this.#options.batch
    const attempts = new Set<Attempt>()
    const batch = { attempts }
    let bytes = 0
    while (attempts.size < maxMessages) {
      const entry = this.#waiting[this.#head]
      if (entry === undefined) break
      if (!entry.isOver) {
        if (attempts.size > 0 && bytes + entry.bytes > maxBytes) break
        if (!this.#isGivenUp(entry)) {
          bytes += entry.bytes
          entry.wasSent = true
          attempts.add(new Attempt(entry, batch, this))
        }
      }
      this.#head++
    }
    this.#trim()
    return attempts.size === 0 ? undefined : batch
  }

  /** Its edge gave up before it was sent. */
  #isGivenUp(entry: OutboxEntry): boolean {
    if (entry.wasSent || !entry.isAbandoned()) return false
    entry.finish(unavailable('nobody waits for it any more', false))
    return true
  }

  #trim(): void {
    if (this.#head < 1024 && this.#head < this.#waiting.length) return
    this.#waiting = this.#waiting.slice(this.#head)
    this.#head = 0
  }

  #onSweep(): void {
    const now = performance.now()
    for (const entries of [this.#lost, this.#waiting]) {
      for (const entry of entries) {
        if (entry.isOver) continue
        if (entry.answerBy <= now) entry.finish(unavailable(this.#session === undefined ? 'the broker is away' : 'the broker is behind', entry.wasSent))
        else this.#isGivenUp(entry)
      }
    }
    let oldest = now
    for (const { attempts } of this.#batches) {
      for (const { entry, sentAt } of attempts) {
        oldest = Math.min(oldest, sentAt)
        if (entry.answerBy <= now) entry.finish(unavailable('the broker has not answered in time', true))
      }
    }
    if (now - oldest > this.#options.ackTimeoutMs) this.#options.onStalled()
  }
}

function never(): boolean {
  return false
}
