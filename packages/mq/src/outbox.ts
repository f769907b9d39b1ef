// What waits for a broker, and what is on its way to it. Above 200 lines: order, bounds of time and what is sent again are one bookkeeping.
import type { FrontierError } from '@frontier/wire'
import type { BatchLimits, BrokerSession, ResendPolicy } from './broker-driver.js'
import { unavailable, Unavailable, type Batch, type OutboxEntry, type OutboxEntryOwner } from './outbox-entry.js'

const SWEEP_MS = 50
/** An answer leaves this long before its edge gives up, so that the edge hears why: a tenth of its time, but not more than this. */
const MARGIN_MS = 250
const MARGIN_SHARE = 10

/** When an edge that gives up at `deadline` is told that the broker is away. Both on the clock of performance.now(). */
export function answerByOf(deadline: number): number {
  return deadline - Math.min(MARGIN_MS, (deadline - performance.now()) / MARGIN_SHARE)
}

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
  /** Undefined: was sent. */
  #waiting: (OutboxEntry | undefined)[] = []
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

  /**
   * Takes a message, which hears when the broker has it, or of the broker's error, or BRIDGE_UNAVAILABLE when the broker was away until it had to be answered. Its owner
   * is this outbox.
   */
  add(entry: OutboxEntry): void {
    if (this.#refusal !== undefined && this.#session === undefined) {
      entry.isOver = true
      entry.waiter.fail(this.#refusal)
      return
    }
    entry.order = this.#order++
    this.#size++
    this.#waiting.push(entry)
    this.#sweep ??= setInterval(() => this.#onSweep(), SWEEP_MS)
    this.#schedule()
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
    for (const batch of [...this.#batches]) for (const each of batch.tries) if (!each.isTryOver) each.lost(error)
  }

  /** There is no connection, and waiting for one does not help: what waits and what comes fails with `error`, until there is one. */
  refuse(error: FrontierError): void {
    this.#refusal = error
    this.#stopLinger()
    const failure = new Unavailable(error.reason)
    for (const entry of [...this.#lost, ...this.#ahead()]) entry.finish(failure.of(entry))
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
    this.#waiting = []
    this.#head = 0
    this.#lost = []
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

  onBatchOver(batch: Batch): void {
    this.#batches.delete(batch)
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
      this.#session.send(batch.tries)
    }
  }

  /** They were published before those that wait, mostly. */
  #requeueLost(): void {
    if (this.#lost.length === 0) return
    this.#waiting = [...this.#lost, ...this.#ahead()].sort((a, b) => a.order - b.order)
    this.#head = 0
    this.#lost = []
  }

  #nextBatch(): Batch | undefined {
    const { maxMessages, maxBytes } = this.#options.batch
    const batch: Batch = { tries: [], unsettled: 0, sentAt: performance.now() }
    const { tries } = batch
    let bytes = 0
    while (tries.length < maxMessages) {
      const entry = this.#waiting[this.#head]
      if (entry === undefined) break
      if (!entry.isOver && tries.length > 0 && bytes + entry.bytes > maxBytes) break
      this.#waiting[this.#head++] = undefined
      if (entry.isOver || this.#isGivenUp(entry)) continue
      bytes += entry.bytes
      const next = entry.nextTry()
      entry.wasSent = true
      next.batch = batch
      batch.unsettled = tries.push(next)
    }
    this.#trim()
    return tries.length === 0 ? undefined : batch
  }

  /** Its edge gave up before it was sent. */
  #isGivenUp(entry: OutboxEntry): boolean {
    if (entry.wasSent || !entry.waiter.isAbandoned) return false
    entry.finish(unavailable('nobody waits for it any more', false))
    return true
  }

  /** What waits, in its order. */
  #ahead(): OutboxEntry[] {
    return this.#waiting.slice(this.#head).filter((entry) => entry !== undefined)
  }

  #trim(): void {
    if (this.#head === 0 || this.#head * 2 < this.#waiting.length) return
    this.#waiting = this.#waiting.slice(this.#head)
    this.#head = 0
  }

  #onSweep(): void {
    const now = performance.now()
    const failure = new Unavailable(this.#session === undefined ? 'the broker is away' : 'the broker is behind')
    const sizeBefore = this.#size
    const sweepOne = (entry: OutboxEntry): void => {
      if (entry.isOver) return
      if (entry.answerBy <= now) entry.finish(failure.of(entry))
      else this.#isGivenUp(entry)
    }
    for (const entry of this.#lost) sweepOne(entry)
    for (let at = this.#head; at < this.#waiting.length; at++) sweepOne(this.#waiting[at]!)
    // Nobody counts them any more, so they may not be kept until there is a connection.
    if (this.#size < sizeBefore) this.#dropOver()
    this.#sweepBatches(now)
  }

  #dropOver(): void {
    this.#waiting = this.#ahead().filter(({ isOver }) => !isOver)
    this.#head = 0
    this.#lost = this.#lost.filter(({ isOver }) => !isOver)
  }

  #sweepBatches(now: number): void {
    const failure = new Unavailable('the broker has not answered in time')
    let oldest = now
    for (const { tries, sentAt } of this.#batches) {
      oldest = Math.min(oldest, sentAt)
      for (const { entry, isTryOver } of tries) if (!isTryOver && entry.answerBy <= now) entry.finish(failure.of(entry))
    }
    if (now - oldest > this.#options.ackTimeoutMs) this.#options.onStalled()
  }
}
