import type { BanTerms } from '@frontier/controlplane'
import { FrontierError } from '@frontier/wire'

/** Bans at once: each is a decision of an operator. All of them are listed in one go, which takes so many some 10 ms. */
const MAX_BANS = 10_000

/** Ids or names that are kept out, each until a moment or until it is taken back. In this process only. */
export class BanList<K extends bigint | string> {
  readonly #bans = new Map<K, BanTerms>()
  readonly #nameOf: (key: K) => string
  readonly #now: () => number

  /** `nameOf` says who is meant; `now` is Unix milliseconds, `Date.now` by default. */
  constructor(nameOf: (key: K) => string, now: () => number = Date.now) {
    this.#nameOf = nameOf
    this.#now = now
  }

  /** How many are in force. */
  get size(): number {
    const now = this.#now()
    for (const [key, { until }] of this.#bans) if (until !== undefined && until <= now) this.#bans.delete(key)
    return this.#bans.size
  }

  /** Adds or replaces. @throws RATE_LIMITED when there are too many. */
  add(key: K, terms: BanTerms): void {
    if (!this.#bans.has(key) && this.#bans.size >= MAX_BANS && this.size >= MAX_BANS) {
      throw new FrontierError('RATE_LIMITED', `there are ${MAX_BANS} bans, more are not allowed`)
    }
    this.#bans.set(key, terms)
  }

  /** False = there was none in force. */
  remove(key: K): boolean {
    return this.#current(key) !== undefined && this.#bans.delete(key)
  }

  /** Those in force, in order. */
  list(): [key: K, terms: BanTerms][] {
    return this.size === 0 ? [] : [...this.#bans].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** @throws PERMISSION_DENIED when `key` is banned. */
  check(key: K): void {
    if (this.#bans.size === 0) return
    const ban = this.#current(key)
    if (ban === undefined) return
    const until = ban.until === undefined ? '' : ` until ${new Date(ban.until).toISOString()}`
    throw new FrontierError('PERMISSION_DENIED', `${this.#nameOf(key)} is banned${until}${ban.reason === '' ? '' : `: ${ban.reason}`}`)
  }

  #current(key: K): BanTerms | undefined {
    const ban = this.#bans.get(key)
    if (ban?.until === undefined || ban.until > this.#now()) return ban
    this.#bans.delete(key)
    return undefined
  }
}
