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

/** When a message came, and by which session. */
interface Arrival {
  readonly at: number
  readonly session: number
}

/** What goes to one edge. */
interface EdgeQueue {
  /** Over when the message before the next one is. */
  last: Promise<void>
  length: number
  /** When the edge last answered. */
  heardAt: number
}

// Made once: many are forgotten at once.
const FORGOTTEN = new FrontierError('CANCELLED', 'its session went before its turn came: the broker sends it again')

/** Takes messages of the broker to edges: those of one edge one after another, and each is acknowledged once its edges said that they are done. */
export class Inbound {
  delivered = 0
  deadLettered = 0
  readonly #settings: InboundSettings
  readonly #host: InboundHost
  readonly #queues = new Map<bigint, EdgeQueue>()
  #session = 0
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
    const running = this.#deliver(message)
      .catch((error: unknown) => {
        this.#host.logger.error({ bridge: this.#host.name, source: message.source, error }, 'a message from the broker could not be settled')
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /**
   * The session is gone, and its messages come again with the next one: those whose turn has not come are forgotten. Delivered as well, they would come twice, and gather
   * with each session that an edge is slower than.
   */
  forget(): void {
    this.#session++
  }

  /** Takes nothing more, gives up what is on its way to edges, and resolves when all of it was given back to the broker. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#running)
  }

  async #deliver(message: IncomingMessage): Promise<void> {
    const arrival = { at: performance.now(), session: this.#session }
    try {
      // All of them are waited for, also when one has failed: what is settled is nobody's business any more.
      const results = await Promise.allSettled(this.#edgesOf(message).map((edgeId) => this.#inTurn(edgeId, message, arrival)))
      for (const result of results) if (result.status === 'rejected') throw result.reason
    } catch (thrown) {
      const error = toFrontierError(thrown, 'INVALID_ARGUMENT')
      // Not the message's fault: this gateway, or its session, is going away.
      if (this.#closing.signal.aborted || error.code === 'DRAINING' || error === FORGOTTEN) message.retry()
      else await this.#giveUp(message, error)
      return
    }
    this.delivered++
    message.ack()
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

  async #inTurn(edgeId: bigint, message: IncomingMessage, arrival: Arrival): Promise<void> {
    let queue = this.#queues.get(edgeId)
    if (queue === undefined) this.#queues.set(edgeId, (queue = { last: Promise.resolve(), length: 0, heardAt: 0 }))
    const { last } = queue
    const isFirst = queue.length++ === 0
    const publish = (): Promise<void> => this.#publish(edgeId, message, arrival, Math.max(arrival.at, queue.heardAt))
    const mine = isFirst ? publish() : last.then(publish)
    const onAnswer = (): void => {
      queue.heardAt = performance.now()
    }
    queue.last = mine.then(onAnswer, (thrown: unknown) => {
      if (!isSilence(thrown)) onAnswer()
    })
    try {
      await mine
    } finally {
      if (--queue.length === 0) this.#queues.delete(edgeId)
    }
  }

  /**
   * An edge that is behind is tried again, within the time. That begins when the message comes, and anew with each answer of its edge: an edge that is slow gets all of its
   * messages, and those for one that is stuck keep others from the places of the unsettled only once for that time.
   */
  async #publish(edgeId: bigint, { source, headers, data }: IncomingMessage, { session }: Arrival, since: number): Promise<void> {
    if (session !== this.#session) throw FORGOTTEN
    const { timeoutMs: mostMs } = this.#settings
    const deadline = since + mostMs
    if (performance.now() >= deadline) throw new FrontierError('TIMEOUT', `edge ${edgeId} has not answered what came before for ${mostMs} ms`)
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

/** Whether an edge that failed with `thrown` has said nothing. */
function isSilence(thrown: unknown): boolean {
  return thrown instanceof FrontierError && (thrown.code === 'TIMEOUT' || thrown.code === 'BUFFER_FULL')
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value
}
