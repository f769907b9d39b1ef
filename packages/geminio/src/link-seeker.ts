import type { Address } from '@frontier/transport'
import { FrontierError, toFrontierError, type FrontierErrorCode } from '@frontier/wire'
import { Backoff, type BackoffOptions } from './backoff.js'
import { delay } from './wait.js'

/** Codes after which a client must not try again by itself (docs/protocol.md, section 3). */
const FINAL_CODES: readonly FrontierErrorCode[] = ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'ILLEGAL_EDGE_ID', 'PROTOCOL_ERROR', 'INVALID_ARGUMENT']

/** Whether an attempt that failed with `error` must not be repeated. */
export function isFinalRefusal(error: FrontierError): boolean {
  return FINAL_CODES.includes(error.code)
}

/** What a seeker asks and tells. */
export interface LinkSeekerHost {
  /** One dial with its handshake. @throws FrontierError */
  attempt(address: Address, signal: AbortSignal): Promise<void>
  /** A pause before the next round of attempts. */
  onRetrying(attempt: number, delayMs: number): void
  /** Every address failed; another round follows when attempts repeat. */
  onRoundFailed(error: FrontierError): void
  /** No link will come: a final refusal, or the only round failed. */
  onGivenUp(error: FrontierError): void
}

/**
 * Looks for a link: all addresses in random order, the next after a failure; when all have failed a pause with full jitter, then again, for
 * ever. At most one search runs at a time.
 */
export class LinkSeeker {
  readonly #addresses: readonly Address[]
  readonly #host: LinkSeekerHost
  readonly #backoff: Backoff | undefined
  #search: AbortController | undefined = undefined

  /** Without `backoff` each search is one round. */
  constructor(addresses: readonly Address[], backoff: BackoffOptions | undefined, host: LinkSeekerHost) {
    this.#addresses = addresses
    this.#host = host
    this.#backoff = backoff === undefined ? undefined : new Backoff(backoff)
  }

  get isSeeking(): boolean {
    return this.#search !== undefined
  }

  /** Begins a search unless one runs. `pauseFirst`: a link was lost, and many others may have been with it. */
  start(pauseFirst: boolean): void {
    if (this.#search !== undefined) return
    const search = (this.#search = new AbortController())
    void this.#seek(search.signal, pauseFirst).finally(() => {
      if (this.#search === search) this.#search = undefined
    })
  }

  /** Ends the search that runs, attempts in work included. */
  stop(): void {
    this.#search?.abort()
    this.#search = undefined
  }

  /** The attempt in work has found a link: another search may begin although this one has not returned yet. */
  found(): void {
    this.#search = undefined
  }

  /** A link was lost after `livedMs`: what that means for the pauses says {@link Backoff.noteLived}. */
  noteLost(livedMs: number): void {
    this.#backoff?.noteLived(livedMs)
  }

  async #seek(signal: AbortSignal, pauseFirst: boolean): Promise<void> {
    if (pauseFirst && !(await this.#pause(signal))) return
    for (;;) {
      let lastError: FrontierError | undefined
      for (const address of shuffled(this.#addresses)) {
        try {
          await this.#host.attempt(address, signal)
          return
        } catch (thrown) {
          if (signal.aborted) return
          lastError = toFrontierError(thrown, 'UNAVAILABLE')
          if (!isFinalRefusal(lastError)) continue
          this.#host.onGivenUp(lastError)
          return
        }
      }
      const error = lastError ?? new FrontierError('UNAVAILABLE', 'no address to connect to')
      if (this.#backoff === undefined) {
        this.#host.onGivenUp(error)
        return
      }
      this.#host.onRoundFailed(error)
      if (!(await this.#pause(signal))) return
    }
  }

  /** Whether the search still goes on after the pause. */
  async #pause(signal: AbortSignal): Promise<boolean> {
    const backoff = this.#backoff
    if (backoff === undefined || signal.aborted) return !signal.aborted
    const delayMs = backoff.next()
    this.#host.onRetrying(backoff.attempt, delayMs)
    await delay(delayMs, signal).catch(() => undefined)
    return !signal.aborted
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    const item = result[last]!
    result[last] = result[other]!
    result[other] = item
  }
  return result
}
