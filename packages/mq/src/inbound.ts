import type { BridgeGateway } from '@frontier/exchange'
import { FrontierError, parseId, toFrontierError, utf8 } from '@frontier/wire'
import type { BridgeLogger } from './bridge-options.js'
import type { InboundSettings } from './bridge-settings.js'
import type { IncomingMessage, OutgoingMessage } from './broker-driver.js'

const RETRY_MS = 50
/** These travel in headers of their own, or are the edge's already. */
const OWN_PREFIX = 'frontier-'

/** What the way to edges needs of its bridge. */
export interface InboundHost {
  readonly gateway: BridgeGateway
  readonly logger: BridgeLogger
  readonly name: string
  /** Publishes a dead letter. */
  send(message: Omit<OutgoingMessage, 'id'>): Promise<void>
}

/** Takes messages of the broker to edges: those of one edge one after another, and each is acknowledged once its edges said that they are done. */
export class Inbound {
  delivered = 0
  deadLettered = 0
  readonly #settings: InboundSettings
  readonly #host: InboundHost
  /** What an edge is still busy with. */
  readonly #turns = new Map<bigint, Promise<void>>()
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<void>>()

  constructor(settings: InboundSettings, host: InboundHost) {
    this.#settings = settings
    this.#host = host
  }

  /** Takes a message; never throws. */
  readonly onMessage = (message: IncomingMessage): void => {
    if (this.#closing.signal.aborted) {
      message.retry()
      return
    }
    const running = this.#deliver(message).finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Takes nothing more, gives up what is on its way to edges, and resolves when all of it was given back to the broker. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#running)
  }

  async #deliver(message: IncomingMessage): Promise<void> {
    try {
      const edges = this.#edgesOf(message)
      await Promise.all(edges.map((edgeId) => this.#inTurn(edgeId, message)))
      this.delivered++
      message.ack()
    } catch (thrown) {
      const error = toFrontierError(thrown, 'INVALID_ARGUMENT')
      // Not the message's fault: this gateway is going away.
      if (this.#closing.signal.aborted || error.code === 'DRAINING') message.retry()
      else await this.#giveUp(message, error)
    }
  }

  /** @throws INVALID_ARGUMENT, EDGE_NOT_ONLINE */
  #edgesOf(message: IncomingMessage): bigint[] {
    const { to } = this.#settings
    if ('labels' in to) {
      const edges = this.#host.gateway.edgesWith(to.labels)
      if (edges.length === 0) throw new FrontierError('EDGE_NOT_ONLINE', `no edge has the labels ${JSON.stringify(to.labels)}`)
      return edges
    }
    const value = 'key' in to ? message.key : message.headers[to.header!]
    const text = typeof value === 'object' ? utf8(value) : value
    const edgeId = text === undefined ? undefined : parseId(text)
    if (edgeId === undefined) throw new FrontierError('INVALID_ARGUMENT', `${JSON.stringify(text ?? null)} in the ${'key' in to ? 'key' : to.header} is no edge id`)
    return [edgeId]
  }

  async #inTurn(edgeId: bigint, message: IncomingMessage): Promise<void> {
    const before = this.#turns.get(edgeId)
    const mine = before === undefined ? this.#publish(edgeId, message) : before.then(() => this.#publish(edgeId, message))
    const turn = mine.catch(() => undefined)
    this.#turns.set(edgeId, turn)
    try {
      await mine
    } finally {
      if (this.#turns.get(edgeId) === turn) this.#turns.delete(edgeId)
    }
  }

  /** An edge that is behind is tried again, within the time. */
  async #publish(edgeId: bigint, { source, headers, data }: IncomingMessage): Promise<void> {
    const deadline = performance.now() + this.#settings.timeoutMs
    const topic = this.#settings.topic.replaceAll('{source}', () => source)
    const meta = headers['frontier-meta']
    for (;;) {
      try {
        const timeoutMs = Math.max(1, deadline - performance.now())
        const request = { data, timeoutMs, signal: this.#closing.signal, ...(meta !== undefined && { meta: bytesOf(meta) }) }
        await this.#host.gateway.publish(edgeId, topic, request)
        return
      } catch (thrown) {
        const isBehind = thrown instanceof FrontierError && thrown.code === 'BUFFER_FULL' && thrown.delivered === 'no'
        if (!isBehind || performance.now() + RETRY_MS >= deadline || this.#closing.signal.aborted) throw thrown
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  async #giveUp(message: IncomingMessage, error: FrontierError): Promise<void> {
    const { deadLetter } = this.#settings
    const { logger, name } = this.#host
    const fields = { bridge: name, source: message.source, code: error.code, reason: error.reason }
    if (deadLetter === undefined) logger.warn(fields, 'a message from the broker was given up')
    else {
      const own = Object.entries(message.headers).filter(([header]) => !header.startsWith(`${OWN_PREFIX}error`))
      const headers = { ...Object.fromEntries(own), 'frontier-error': error.code, 'frontier-error-reason': error.reason, 'frontier-error-source': message.source }
      try {
        await this.#host.send({ target: deadLetter, key: message.key, partition: undefined, headers, data: message.data })
      } catch (thrown) {
        logger.error({ ...fields, error: thrown }, 'a dead letter could not be sent: the message stays with the broker')
        message.retry()
        return
      }
    }
    this.deadLettered++
    message.ack()
  }
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value
}
