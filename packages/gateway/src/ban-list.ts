import type { Ban } from '@frontier/controlplane'
import { FrontierError } from '@frontier/wire'

/** Bans at once: each is a decision of an operator, and costs some hundred bytes. */
const MAX_BANS = 100_000

/** Edge ids that are kept out, each until a moment or until it is taken back. In this process only. */
export class BanList {
  readonly #bans = new Map<bigint, Ban>()
  readonly #now: () => number

  /** `now` is Unix milliseconds; `Date.now` by default. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Adds or replaces. @throws RATE_LIMITED when there are too many. */
  add(ban: Ban): void {
    if (!this.#bans.has(ban.edgeId) && this.#bans.size >= MAX_BANS && this.list().length >= MAX_BANS) {
      throw new FrontierError('RATE_LIMITED', `${MAX_BANS} edges are banned, more are not allowed`)
    }
    this.#bans.set(ban.edgeId, ban)
  }

  /** False = there was none in force. */
  remove(edgeId: bigint): boolean {
    return this.#current(edgeId) !== undefined && this.#bans.delete(edgeId)
  }

  /** Those in force, by edge id. */
  list(): Ban[] {
    const now = this.#now()
    for (const [edgeId, { until }] of this.#bans) if (until !== undefined && until <= now) this.#bans.delete(edgeId)
    return [...this.#bans.values()].sort((a, b) => (a.edgeId < b.edgeId ? -1 : 1))
  }

  /** @throws PERMISSION_DENIED when the edge is banned. */
  check(edgeId: bigint): void {
    if (this.#bans.size === 0) return
    const ban = this.#current(edgeId)
    if (ban === undefined) return
    const until = ban.until === undefined ? '' : ` until ${new Date(ban.until).toISOString()}`
    throw new FrontierError('PERMISSION_DENIED', `edge ${edgeId} is banned${until}${ban.reason === '' ? '' : `: ${ban.reason}`}`)
  }

  #current(edgeId: bigint): Ban | undefined {
    const ban = this.#bans.get(edgeId)
    if (ban?.until === undefined || ban.until > this.#now()) return ban
    this.#bans.delete(edgeId)
    return undefined
  }
}
