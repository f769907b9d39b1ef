import type { Peer } from '@frontier/exchange'
import type { Link } from '@frontier/mux'
import { encodeFrame, Flag, FrameType, FrontierError } from '@frontier/wire'
import type { GatewayCore } from './gateway-core.js'
import type { GatewayListener } from './gateway-listener.js'
import { waitUntil } from './wait-until.js'

/** What a peer has sent before it saw GOODBYE is on the way this long; it also dials elsewhere meanwhile. */
const SETTLE_MS = 1000
/** How long a close waits for services to hear of the edges that go, and for sockets to take the last bytes. */
const LAST_WORDS_MS = 1000

/** Ends a gateway: its edges before its services. */
export class Shutdown {
  readonly #core: GatewayCore
  readonly #listeners: readonly GatewayListener[]
  readonly #drainListeners = new Set<() => void>()
  #draining: Promise<void> | undefined = undefined
  #closing: Promise<void> | undefined = undefined
  #onClosed!: () => void
  /** Resolves when all is closed, whoever asked for it. */
  readonly closed: Promise<void> = new Promise((resolve) => {
    this.#onClosed = resolve
  })

  /** Closes the control plane, when there is one. */
  closeControlPlane: () => Promise<void> = () => Promise.resolve()

  constructor(core: GatewayCore, listeners: readonly GatewayListener[]) {
    this.#core = core
    this.#listeners = listeners
  }

  /** Takes nothing new, finishes what is in flight within `timeoutMs`, then closes. Asked again it is the same drain. */
  drain(timeoutMs: number): Promise<void> {
    return (this.#draining ??= this.#closing ?? this.#drain(timeoutMs))
  }

  /** Closes now: what is queued still goes out, and services hear of the edges that go. Cuts a drain short. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  /** Calls `listener` once when the gateway begins to take nothing new. */
  onDraining(listener: () => void): Disposable {
    this.#drainListeners.add(listener)
    return { [Symbol.dispose]: () => void this.#drainListeners.delete(listener) }
  }

  async #drain(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    await this.#stop()
    this.#core.exchange.isDraining = true
    await this.#drainPeers(this.#core.live.edges, deadline)
    await waitUntil(() => this.#core.events.isIdle || this.#closing !== undefined, deadline)
    await this.#drainPeers(this.#core.live.services, deadline)
    await this.close()
  }

  async #close(): Promise<void> {
    await this.#stop()
    const core = this.#core
    core.exchange.isDraining = true
    const links = [...core.live].map((peer) => peer.link)
    goodbye(core.live.edges)
    await waitUntil(() => core.events.isIdle || core.live.services.size === 0, performance.now() + LAST_WORDS_MS)
    // Nobody publishes any more: what the bridges have goes out.
    await core.exchange.bridges.close()
    goodbye(core.live.services)
    await waitUntil(() => links.every(isFlushed), performance.now() + LAST_WORDS_MS)
    for (const listener of this.#listeners) listener.close()
    // Last: whoever watches sees the others go.
    await this.closeControlPlane()
    await core.close()
    this.#onClosed()
  }

  async #stop(): Promise<void> {
    this.#core.isDraining = true
    for (const listener of this.#drainListeners) {
      this.#drainListeners.delete(listener)
      listener()
    }
    await Promise.all(this.#listeners.map((listener) => listener.stop()))
    for (const listener of this.#listeners) listener.turnAway(new FrontierError('DRAINING', 'the gateway is going away'))
  }

  /** Asks for a quiet end, and closes each peer when nothing of it is in flight, all of them at the deadline. */
  async #drainPeers(peers: ReadonlyMap<bigint, Peer>, deadline: number): Promise<void> {
    const leftMs = Math.max(0, deadline - performance.now())
    if (peers.size > 0 && leftMs > 0 && this.#closing === undefined) {
      const flags = Flag.DRAIN
      const text = new TextEncoder().encode('the gateway is going away')
      for (const peer of peers.values()) {
        peer.link.sendControl(encodeFrame({ type: FrameType.GOODBYE, flags, budgetMs: leftMs, key: 'DRAINING', data: text }))
      }
      const settled = performance.now() + Math.min(SETTLE_MS, leftMs / 4)
      await waitUntil(() => {
        if (this.#closing !== undefined) return true
        if (performance.now() >= settled) this.#closeQuiet(peers)
        return peers.size === 0
      }, deadline)
    }
    goodbye(peers)
  }

  #closeQuiet(peers: ReadonlyMap<bigint, Peer>): void {
    for (const peer of [...peers.values()]) {
      if (this.#core.exchange.isQuiet(peer)) peer.close(new FrontierError('DRAINING', 'the gateway is going away'))
    }
  }
}

function goodbye(peers: ReadonlyMap<bigint, Peer>): void {
  for (const peer of [...peers.values()]) peer.close(new FrontierError('DRAINING', 'the gateway is going away'))
}

function isFlushed(link: Link): boolean {
  return link.pipe.queuedBytes === 0
}
