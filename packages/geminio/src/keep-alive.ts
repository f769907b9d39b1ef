import { sharedSweep, type Link, type Sweep, type Sweepable } from '@frontier/mux'
import { encodeFrame, FrameType, FrontierError, readId } from '@frontier/wire'

/** The link is dead when nothing was heard for this many intervals (docs/protocol.md, section 8). */
const DEAD_INTERVALS = 1.75
/** While something wants to know how long the way is, it is measured this often. */
const RTT_EVERY_MS = 10_000

/** What a link's keep-alive tells. */
export interface KeepAliveHost {
  /** Whether the round trip matters now: there are streams. */
  readonly wantsRtt: boolean
  onRtt(rttMs: number): void
  /** Nothing was heard for too long. */
  onSilence(error: FrontierError): void
}

/** Pings a link that has been silent for an interval, and notices when the other side is dead. Shares one timer with all others. */
export class KeepAlive implements Sweepable {
  readonly #link: Link
  readonly #host: KeepAliveHost
  readonly #sweep: Sweep
  readonly #intervalMs: number
  readonly #pingTicks: number
  readonly #deadTicks: number
  readonly #rttTicks: number
  #pingId = 0
  #pingedTick = 0
  /** When the last ping left; 0 = it was answered. */
  #pingedAt = 0

  constructor(link: Link, intervalMs: number, host: KeepAliveHost, sweep: Sweep = sharedSweep) {
    this.#link = link
    this.#host = host
    this.#sweep = sweep
    this.#intervalMs = intervalMs
    this.#pingTicks = sweep.ticksFor(intervalMs)
    this.#deadTicks = Math.max(sweep.ticksFor(intervalMs * DEAD_INTERVALS), this.#pingTicks + 1)
    this.#rttTicks = sweep.ticksFor(Math.min(intervalMs, RTT_EVERY_MS))
    this.#pingedTick = sweep.tick
    sweep.add(this)
  }

  /** From the sweep. */
  onTick(tick: number): void {
    const link = this.#link
    const silentTicks = tick - link.lastHeardTick
    if (silentTicks > this.#deadTicks) {
      this.#host.onSilence(new FrontierError('EOF', `nothing was heard for ${DEAD_INTERVALS} ping intervals of ${this.#intervalMs} ms`))
      return
    }
    // A link that only sends would never hear a sign of life without being asked for one.
    const isQuiet = tick - link.lastSentTick >= this.#pingTicks || (silentTicks >= this.#pingTicks && tick - this.#pingedTick >= this.#pingTicks)
    if (isQuiet || (this.#host.wantsRtt && tick - this.#pingedTick >= this.#rttTicks)) this.ping()
  }

  /** Sends a PING now. */
  ping(): void {
    this.#pingId = (this.#pingId + 1) >>> 0
    this.#pingedTick = this.#sweep.tick
    this.#pingedAt = performance.now()
    this.#link.sendControl(encodeFrame({ type: FrameType.PING, id: this.#pingId }))
  }

  /** Takes a PONG; one for an older ping only counts as a sign of life. */
  onPong(bytes: Uint8Array, start: number): void {
    if (this.#pingedAt === 0 || readId(bytes, start) !== this.#pingId) return
    const rttMs = performance.now() - this.#pingedAt
    this.#pingedAt = 0
    this.#host.onRtt(rttMs)
  }

  stop(): void {
    this.#sweep.remove(this)
  }
}
