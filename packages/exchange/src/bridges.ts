import { FrontierError, MAX_KEY_BYTES, toBytes, toFrontierError } from '@frontier/wire'
import { BridgeEnd } from './bridge-end.js'
import { BridgePeer } from './bridge-peer.js'
import type { Bridge, BridgeGateway, BridgeStatus } from './bridge.js'
import type { Exchange } from './exchange.js'
import { PatternRoutes } from './pattern-routes.js'
import { isTopicPattern, TopicPattern } from './topic-pattern.js'

const MIB = 1_048_576
const DEFAULT_MAX_WAITING = 65_536
const DEFAULT_MAX_WAITING_BYTES = 64 * MIB

/** A bridge that takes messages. */
export interface AttachedBridge extends AsyncDisposable {
  readonly name: string
  readonly topics: readonly string[]
  status(): BridgeStatus
  /** Takes the bridge out of the routes, and resolves when it has sent what it had and is closed. Never rejects. */
  remove(): Promise<void>
}

/** The bridges of one exchange, and the patterns of topics that only they can take. */
export class Bridges {
  readonly patterns: PatternRoutes = new PatternRoutes()
  readonly #exchange: Exchange
  /** Undefined: it is starting. */
  readonly #byName = new Map<string, AttachedBridge | undefined>()
  #isClosed = false

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  /** By name, in the order they came. */
  list(): AttachedBridge[] {
    return [...this.#byName.values()].filter((bridge) => bridge !== undefined)
  }

  get(name: string): AttachedBridge | undefined {
    return this.#byName.get(name)
  }

  /** As `Exchange.addBridge`. */
  async add(bridge: Bridge): Promise<AttachedBridge> {
    const { name } = bridge
    const { topics, limits } = checked(bridge)
    this.#checkOpen()
    if (this.#byName.has(name)) throw new FrontierError('INVALID_ARGUMENT', `there is a bridge of the name ${name} already`)
    this.#byName.set(name, undefined)
    try {
      await bridge.start?.(this.#gateway())
      this.#checkOpen()
    } catch (thrown) {
      this.#byName.delete(name)
      await quietly(() => bridge.close?.())
      throw toFrontierError(thrown, 'BRIDGE_UNAVAILABLE')
    }
    const attached = this.#attach(bridge, topics, limits)
    this.#byName.set(name, attached)
    return attached
  }

  /** Removes all of them, side by side, and takes no more: one that is starting is closed when it has started. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.list().map((bridge) => bridge.remove()))
  }

  /** @throws DRAINING */
  #checkOpen(): void {
    if (this.#isClosed) throw new FrontierError('DRAINING', 'the gateway is going away')
  }

  #attach(bridge: Bridge, topics: readonly string[], limits: { maxWaiting: number; maxWaitingBytes: number }): AttachedBridge {
    const { name } = bridge
    const exchange = this.#exchange
    const answer = (bytes: Uint8Array, start: number, end: number): void => {
      if (!peer.link.isClosed) exchange.onControlFrame(peer, bytes, start, end)
    }
    const end = new BridgeEnd(bridge, { edges: exchange.edges, answer }, limits)
    const peer: BridgePeer = new BridgePeer(exchange, bridge, end)
    for (const topic of topics) this.#tableOf(topic).add(topic, peer)
    let removed: Promise<void> | undefined
    const remove = async (): Promise<void> => {
      for (const topic of topics) this.#tableOf(topic).remove(topic, peer)
      end.stop()
      await quietly(() => bridge.close?.())
      peer.link.close(new FrontierError('BRIDGE_UNAVAILABLE', `the bridge ${name} was removed`))
      this.#byName.delete(name)
    }
    return {
      name,
      topics,
      status: () => ({ ...IDLE, ...end.counts, ...statusOf(bridge), ...(removed === undefined ? {} : { state: 'closed' }) }),
      remove: () => (removed ??= remove()),
      [Symbol.asyncDispose]: () => (removed ??= remove()),
    }
  }

  #tableOf(topic: string): Pick<PatternRoutes, 'add' | 'remove'> {
    return isTopicPattern(topic) ? this.patterns : this.#exchange.topics
  }

  #gateway(): BridgeGateway {
    const exchange = this.#exchange
    return {
      isOnline: (edgeId) => exchange.edges.get(edgeId) !== undefined,
      edgesWith(labels) {
        const wanted = Object.entries(labels)
        const found: bigint[] = []
        for (const edge of exchange.edges.values()) if (wanted.every(([label, value]) => edge.labels[label] === value)) found.push(edge.id)
        return found
      },
      publish: (edgeId, topic, request) => exchange.publishToEdge(edgeId, topic, request),
      call: (edgeId, method, request) => exchange.callEdge(edgeId, method, request),
    }
  }
}

const IDLE: Omit<BridgeStatus, 'published' | 'refused' | 'waiting' | 'waitingBytes'> = { state: 'online', delivered: 0, deadLettered: 0, reconnects: 0 }

/** What `bridge` says of itself; nothing when it throws: whoever asks wants to know of the others, too. */
function statusOf(bridge: Bridge): Partial<BridgeStatus> | undefined {
  try {
    return bridge.status?.()
  } catch (thrown) {
    return { lastError: { code: 'BRIDGE_UNAVAILABLE', reason: `its status cannot be had: ${toFrontierError(thrown, 'BRIDGE_UNAVAILABLE').reason}`, at: Date.now() } }
  }
}

/** The topics and limits of `bridge` as they are now. @throws INVALID_ARGUMENT when there is something wrong with it */
function checked({ name, topics: given, limits = {} }: Bridge): { topics: readonly string[]; limits: { maxWaiting: number; maxWaitingBytes: number } } {
  if (typeof name !== 'string' || name === '') throw new FrontierError('INVALID_ARGUMENT', 'a bridge has a name')
  const topics = [...new Set(given)]
  for (const topic of topics) {
    if (topic === '' || toBytes(topic).length > MAX_KEY_BYTES) throw new FrontierError('INVALID_ARGUMENT', `a topic has 1 to ${MAX_KEY_BYTES} bytes`)
    if (isTopicPattern(topic)) new TopicPattern(topic)
  }
  const { maxWaiting = DEFAULT_MAX_WAITING, maxWaitingBytes = DEFAULT_MAX_WAITING_BYTES } = limits
  for (const [what, value] of Object.entries({ maxWaiting, maxWaitingBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new FrontierError('INVALID_ARGUMENT', `${what} is a whole number above 0`)
  }
  return { topics, limits: { maxWaiting, maxWaitingBytes } }
}

/** A bridge that fails to close is closed all the same. */
async function quietly(close: () => void | Promise<void>): Promise<void> {
  try {
    await close()
  } catch {
    // Nobody is left to tell.
  }
}
