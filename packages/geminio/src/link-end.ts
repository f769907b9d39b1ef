// The end of a link through all its links. Above 200 lines: connecting, draining and closing decide over the same few fields.
import { dial, formatAddress, type Address } from '@frontier/transport'
import { FrontierError, isFrontierError, toFrontierError, type Bytes } from '@frontier/wire'
import type { Attachment } from './attachment.js'
import { Channel } from './channel.js'
import { checkedBytes, checkedTimeoutMs, type CallOptions, type PublishOptions } from './call-options.js'
import { resolveChannelOptions } from './channel-options.js'
import type { Reply } from './content.js'
import type { End } from './end.js'
import { encodeHello, type Welcome } from './handshake.js'
import { checkedName, type ResolvedLinkOptions } from './link-options.js'
import { isFinalRefusal, LinkSeeker, type LinkSeekerHost } from './link-seeker.js'
import { LinkSession, type LinkSessionHost } from './link-session.js'
import type { Message, MessageHandler } from './message.js'
import { Registrations } from './registrations.js'
import type { Handler } from './request.js'
import { closeReasonOf, StatusListeners, type CloseReason, type EndState, type Status } from './status.js'
import { StreamAcceptance } from './stream-acceptance.js'
import { MAX_OPEN_META_BYTES, type StreamTableHost } from './stream-table.js'
import type { OpenStreamOptions, Stream, StreamHandler, StreamHandlerOptions } from './stream.js'
import { Wait, within, type WaitOptions } from './wait.js'

const AGENT = 'frontier-ts/0.1.0'
const DRAIN_TIMEOUT_MS = 30_000
const DISPOSE_TIMEOUT_MS = 5000

/** What an edge and a service tell of themselves beyond the options they share. */
export interface EndRole {
  readonly role: 'edge' | 'service'
  /** Name of the service, or ''. */
  readonly name: string
  /** Meta of the edge. */
  readonly meta: Uint8Array
  readonly topics: readonly string[]
  /** Services: be told who is online already. */
  readonly snapshot: boolean
  /** Unanswered requests toward one peer. */
  readonly maxInFlightPerPeer?: number | undefined
}

/** Everything an {@link End} does, for {@link connectEdge} and {@link connectService} to build on. Create, then `connect()` once. */
export class LinkEnd implements End {
  readonly closed: Promise<CloseReason>
  protected readonly channel: Channel
  readonly #options: ResolvedLinkOptions
  readonly #role: EndRole
  readonly #registrations: Registrations
  readonly #acceptance = new StreamAcceptance()
  readonly #statusListeners = new StatusListeners()
  readonly #seeker: LinkSeeker
  readonly #closed = new Wait<CloseReason>()
  readonly #linkWaits = new Set<Wait<LinkSession>>()
  readonly #retired = new Set<LinkSession>()
  /** The newest link, unless it is retired. */
  #session: LinkSession | undefined = undefined
  #connecting: Wait<void> | undefined = undefined
  #id = 0n
  #resumeToken: string | undefined = undefined
  #state: EndState = 'connecting'
  /** Why new work is refused, once it is. */
  #refusal: FrontierError | undefined = undefined
  #drained: Promise<void> | undefined = undefined
  #drainConfirmed: Wait<void> | undefined = undefined
  #lastError: FrontierError | undefined = undefined

  constructor(options: ResolvedLinkOptions, role: EndRole) {
    this.#options = options
    this.#role = role
    this.closed = this.#closed.promise
    const { timeoutMs, maxPayloadBytes, maxInFlight, reconnect, addresses } = options
    this.channel = new Channel(resolveChannelOptions({ timeoutMs, maxPayloadBytes, maxInFlight, maxInFlightPerPeer: role.maxInFlightPerPeer }))
    this.#registrations = new Registrations(this.channel)
    this.#seeker = new LinkSeeker(addresses, reconnect, this.#seekerHost())
    for (const [name, handler] of options.methods) this.#registrations.preset(name, handler)
    if (options.onMessage !== undefined) this.channel.onMessage(options.onMessage)
    if (options.onStream !== undefined) this.#acceptance.onStream(options.onStream)
    if (options.onStatus !== undefined) this.#statusListeners.add(options.onStatus)
  }

  get id(): bigint {
    return this.#id
  }

  get state(): EndState {
    return this.#state
  }

  /** Connects for the first time. @throws a final refusal at once, UNAVAILABLE after firstConnectTimeoutMs, CANCELLED; the end is closed then */
  async connect(): Promise<void> {
    const { signal, firstConnectTimeoutMs } = this.#options
    const wait = new Wait<void>({ signal, timeoutMs: firstConnectTimeoutMs }, () => {
      const last = this.#lastError
      return new FrontierError('UNAVAILABLE', `no link within ${firstConnectTimeoutMs} ms${last === undefined ? '' : `; at last ${last.message}`}`, { cause: last })
    })
    this.#connecting = wait
    if (!wait.isSettled) this.#seeker.start(false)
    try {
      await wait.promise
    } catch (thrown) {
      const error = toFrontierError(thrown, 'UNAVAILABLE')
      this.#shut(closeReasonOf(error), error)
      throw error
    }
  }

  register(method: string, handler: Handler, options: WaitOptions = {}): Promise<Disposable> {
    return this.guarded(() => {
      if (typeof handler !== 'function') throw new FrontierError('INVALID_ARGUMENT', 'the handler must be a function')
      return this.registerName(checkedName(method, 'method'), handler, options)
    })
  }

  messages(): AsyncIterable<Message> {
    return this.channel.messages()
  }

  onMessage(handler: MessageHandler): Disposable {
    return this.channel.onMessage(handler)
  }

  streams(): AsyncIterable<Stream> {
    return this.#acceptance.streams()
  }

  onStream(handler: StreamHandler, options?: StreamHandlerOptions): Disposable {
    return this.#acceptance.onStream(handler, options)
  }

  listStreams(): Stream[] {
    return this.#sessions().flatMap((session) => session.streams.openStreams)
  }

  onStatus(listener: (status: Status) => void): Disposable {
    return this.#statusListeners.add(listener)
  }

  drain(options: { timeoutMs?: number | undefined } = {}): Promise<void> {
    this.#drained ??= this.#drain(options.timeoutMs ?? DRAIN_TIMEOUT_MS)
    return this.#drained
  }

  close(): Promise<void> {
    this.#shut({ code: 'CLOSED', message: 'the end was closed' }, new FrontierError('EOF', 'the end was closed'))
    return Promise.resolve()
  }

  abort(reason?: Error): void {
    const error = isFrontierError(reason) ? reason : new FrontierError('EOF', reason?.message ?? 'the end was aborted', { cause: reason })
    for (const session of this.#sessions()) session.abort(error)
    this.#shut({ code: isFrontierError(reason) ? reason.code : 'CLOSED', message: error.reason, ...(reason !== undefined && { error }) }, error)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain({ timeoutMs: DISPOSE_TIMEOUT_MS })
  }

  /** A call by way of the link; `peer` is the edge to call, at a service. */
  protected callPeer(peer: bigint, method: string, data: Bytes | undefined, options: CallOptions | undefined): Promise<Reply> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal)
    return this.channel.call({ method, peer, data }, options)
  }

  /** A publish by way of the link; `peer` is the receiving edge, at a service. */
  protected publishTo(peer: bigint, topic: string, data: Bytes, options: PublishOptions | undefined): Promise<void> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal)
    return this.channel.publish({ topic, peer, data }, options)
  }

  /** Opens a stream; waits for a link and for the other end. */
  protected openStreamTo(service: string, peer: bigint, options: OpenStreamOptions): Promise<Stream> {
    return this.guarded(async () => {
      const meta = new Uint8Array(checkedBytes(options.meta, 'meta')) // not slice(): that of a Buffer copies nothing
      if (meta.length > MAX_OPEN_META_BYTES) {
        throw new FrontierError('PAYLOAD_TOO_LARGE', `a stream meta of ${meta.length} bytes, at most ${MAX_OPEN_META_BYTES} are allowed`)
      }
      const timeoutMs = checkedTimeoutMs(options.timeoutMs ?? this.#options.timeoutMs)
      const deadline = performance.now() + timeoutMs
      for (;;) {
        const session = this.#session ?? (await this.#nextLink({ timeoutMs: deadline - performance.now(), signal: options.signal }))
        try {
          const leftMs = Math.max(1, deadline - performance.now())
          return await session.streams.open({ service, peer, meta }, { timeoutMs: leftMs, signal: options.signal })
        } catch (error) {
          // It surely was not opened, and another link is on its way.
          if (!session.isRetired || !isFrontierError(error) || error.code !== 'DRAINING' || performance.now() >= deadline) throw error
        }
      }
    })
  }

  /** Runs `work` unless new work is refused. @throws DRAINING, UNAVAILABLE, what `work` throws; always by rejecting */
  protected async guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#refusal !== undefined) throw this.#refusal
    return work()
  }

  /** Registers a name, reserved ones included. */
  protected registerName(name: string, handler: Handler, options: WaitOptions = {}): Promise<Disposable> {
    const timeoutMs = checkedTimeoutMs(options.timeoutMs ?? this.#options.timeoutMs)
    return this.#registrations.register(name, handler, { timeoutMs, signal: options.signal })
  }

  /** Registers a name, reserved ones included, before the first connect. */
  protected presetName(name: string, handler: Handler): Disposable {
    return this.#registrations.preset(name, handler)
  }

  #sessions(): LinkSession[] {
    return this.#session === undefined ? [...this.#retired] : [this.#session, ...this.#retired]
  }

  #seekerHost(): LinkSeekerHost {
    return {
      attempt: (address, signal) => this.#attempt(address, signal),
      onRetrying: (attempt, delayMs) => this.#statusListeners.tell({ type: 'retrying', attempt, delayMs }),
      onRoundFailed: (error) => {
        this.#lastError = error
        // There is nowhere to go: the gateway that drains need not wait for us.
        for (const session of this.#retired) this.#leaveWhenQuiet(session)
      },
      onGivenUp: (error) => this.#shut(closeReasonOf(error), error),
    }
  }

  async #attempt(address: Address, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + this.#options.connectTimeoutMs
    try {
      await this.#connectOnce(address, signal, deadline)
    } catch (thrown) {
      const error = toFrontierError(thrown, 'UNAVAILABLE')
      this.#lastError = error
      // The id was not asked for by the application but by our own reconnect: without it we may be welcome.
      const isOwnWish = error.code === 'ILLEGAL_EDGE_ID' && this.#options.wantedId === undefined && this.#id !== 0n && this.#resumeToken !== undefined
      if (!isOwnWish || signal.aborted) throw error
      this.#resumeToken = undefined
      await this.#connectOnce(address, signal, performance.now() + this.#options.connectTimeoutMs)
    }
  }

  async #connectOnce(address: Address, signal: AbortSignal, deadline: number): Promise<void> {
    const left = (): number => Math.max(1, deadline - performance.now())
    const timedOut = (): FrontierError => new FrontierError('TIMEOUT', `no link to ${formatAddress(address)} within ${this.#options.connectTimeoutMs} ms`)
    const token = await within(this.#askToken(), { timeoutMs: left(), signal }, timedOut)
    const { tls } = this.#options
    const pipe = await dial(address, { signal, timeoutMs: left(), ...(tls !== undefined && { tls }) })
    const names = this.#registrations.names
    const session = new LinkSession(pipe, this.#sessionHost(names))
    await session.greet(this.#encodeHello(token, names), { timeoutMs: left(), signal })
  }

  async #askToken(): Promise<string | undefined> {
    const { token } = this.#options
    if (typeof token !== 'function') return token
    try {
      return await token()
    } catch (thrown) {
      // Whoever hands out tokens may be away for a moment: only its own FrontierError can make this final.
      throw toFrontierError(thrown, 'UNAVAILABLE')
    }
  }

  #encodeHello(token: string | undefined, methods: string[]): Uint8Array[] {
    const { labels, maxPayloadBytes, wantedId } = this.#options
    const { role, name, meta, topics, snapshot } = this.#role
    const resume = this.#resumeToken
    return encodeHello({
      role,
      name,
      // With no wish of the application the id we had goes along with the token that proves it.
      wantedId: wantedId ?? (resume === undefined ? 0n : this.#id),
      meta,
      labels,
      token,
      resume,
      methods,
      topics: [...topics],
      snapshot,
      maxPayloadBytes,
      agent: `${AGENT} (${role})`,
    })
  }

  #sessionHost(announced: readonly string[]): LinkSessionHost {
    return {
      onWelcome: (session, welcome) => this.#onWelcome(session, welcome, announced),
      onOnline: (session, welcome) => this.#onOnline(session, welcome),
      streamHost: (welcome) => this.#streamHost(welcome),
      onDraining: (session, reason, budgetMs) => this.#onGatewayDraining(session, reason, budgetMs),
      onOver: (session, error) => this.#onSessionOver(session, error),
    }
  }

  #streamHost(welcome: Welcome): Omit<StreamTableHost, 'onStreamOver' | 'isLinkShared'> {
    const { timeoutMs, maxPayloadBytes } = this.#options
    const { role, name } = this.#role
    return {
      maxFrameBytes: welcome.maxFrameBytes,
      maxPayloadBytes: welcome.maxPayloadBytes,
      maxInFlight: this.#options.maxInFlight,
      describe: (peer, key, meta) => (role === 'edge' ? { edgeId: this.#id, service: key, meta } : { edgeId: peer, service: name, meta }),
      createChannel: (edgeId) => new Channel(resolveChannelOptions({ timeoutMs, maxPayloadBytes, selfId: edgeId })),
      admit: (info) => (this.#refusal === undefined ? this.#acceptance.admit(info) : Promise.reject(this.#refusal)),
      assertRoom: () => this.#acceptance.assertRoom(),
      deliver: (stream) => this.#acceptance.deliver(stream),
    }
  }

  #onWelcome(session: LinkSession, welcome: Welcome, announced: readonly string[]): Attachment {
    const { wantedId } = this.#options
    if (wantedId !== undefined && welcome.id !== wantedId) {
      throw new FrontierError('ILLEGAL_EDGE_ID', `asked for ${wantedId}, the gateway granted ${welcome.id}`)
    }
    this.#session = session
    this.#id = welcome.id
    this.#resumeToken = welcome.resume
    if (this.#role.role === 'edge') this.channel.selfId = welcome.id
    const { maxFrameBytes, maxPayloadBytes, maxInFlight } = welcome
    const attachment = this.channel.attach(session, { maxFrameBytes, maxPayloadBytes, maxInFlight, windowed: true })
    this.#registrations.onWelcome(announced)
    this.#state = 'online'
    this.#seeker.found()
    return attachment
  }

  #onOnline(session: LinkSession, welcome: Welcome): void {
    this.#connecting?.resolve()
    this.#statusListeners.tell({ type: 'online', id: welcome.id, resumed: welcome.resumed })
    for (const wait of [...this.#linkWaits]) wait.resolve(session)
    for (const retired of [...this.#retired]) this.#leaveWhenQuiet(retired)
  }

  #onSessionOver(session: LinkSession, error: FrontierError): void {
    this.#lastError = error
    this.#retired.delete(session)
    if (this.#session === session) {
      this.#session = undefined
      this.#registrations.onLinkGone()
      if (this.#state === 'closed') return
      this.#seeker.noteLost(performance.now() - session.welcomedAt)
      this.#onLinkLost(error)
    } else if (this.#options.reconnect === undefined && this.#state === 'draining' && this.#drainConfirmed === undefined) {
      this.#shut(closeReasonOf(error), error)
    } else if (this.#session === undefined && this.#state === 'draining' && this.#refusal === undefined && this.#retired.size === 0) {
      // The gateway that drained is gone before another was found.
      this.#state = 'offline'
      this.#statusListeners.tell({ type: 'offline', error })
    }
  }

  #onLinkLost(error: FrontierError): void {
    if (this.#drainConfirmed !== undefined) {
      this.#shut({ code: 'CLOSED', message: `the link went while draining: ${error.message}`, error }, error)
      return
    }
    // Faults that this side found may be those of one connection; what the gateway says holds.
    const isFinal = error.code === 'REPLACED' || (isFinalRefusal(error) && error.origin === 'gateway')
    if (isFinal || this.#options.reconnect === undefined) {
      this.#shut(closeReasonOf(error), error)
      return
    }
    this.#state = 'offline'
    this.#statusListeners.tell({ type: 'offline', error })
    // Unless a listener has closed the end just now.
    if (!this.#closed.isSettled) this.#seeker.start(true)
  }

  #onGatewayDraining(session: LinkSession, reason: FrontierError, budgetMs: number): void {
    if (this.#drainConfirmed !== undefined) {
      this.#drainConfirmed.resolve()
      return
    }
    if (session.isRetired || session !== this.#session) return
    session.retire(budgetMs)
    this.#seeker.noteLost(performance.now() - session.welcomedAt)
    this.#session = undefined
    this.#retired.add(session)
    this.#registrations.onLinkGone()
    this.#state = 'draining'
    this.#statusListeners.tell({ type: 'draining', reason: reason.reason })
    if (this.#closed.isSettled) return
    if (this.#options.reconnect !== undefined) {
      this.#seeker.start(true)
      return
    }
    // There will be no other link: what is in flight ends, and then this end with it.
    this.#refuse(reason)
    session.leaveWhenQuiet(reason)
  }

  /** The old link goes once nothing is in flight on it, or its budget is up. */
  #leaveWhenQuiet(session: LinkSession): void {
    session.leaveWhenQuiet(new FrontierError('EOF', 'moved to another gateway'))
  }

  /** The next link that comes up. @throws UNAVAILABLE when none does in time, CANCELLED, DRAINING */
  #nextLink(options: WaitOptions): Promise<LinkSession> {
    const wait = new Wait<LinkSession>(options, () => new FrontierError('UNAVAILABLE', 'no link came up in time', { cause: this.#lastError }))
    if (wait.isSettled) return wait.promise
    this.#linkWaits.add(wait)
    wait.onSettled = () => void this.#linkWaits.delete(wait)
    return wait.promise
  }

  async #drain(timeoutMs: number): Promise<void> {
    if (this.#state === 'closed') return
    const deadline = performance.now() + timeoutMs
    this.#refuse(new FrontierError('DRAINING', 'this end is draining'))
    this.#seeker.stop()
    this.#connecting?.reject(new FrontierError('CANCELLED', 'the end was drained before it was connected'))
    this.#state = 'draining'
    this.#statusListeners.tell({ type: 'draining', reason: 'drain() was called' })
    const wait = (this.#drainConfirmed = new Wait<void>({ timeoutMs }))
    let message = 'drained'
    try {
      if (this.#session === undefined) wait.resolve()
      else this.#session.askForDrain()
      await wait.promise
      const options = { timeoutMs: Math.max(1, deadline - performance.now()) }
      if (this.#session !== undefined) await within(this.channel.idle(options), options)
      await Promise.all(this.#sessions().map((session) => session.whenQuiet({ timeoutMs: Math.max(1, deadline - performance.now()) })))
    } catch {
      message = `drained for ${timeoutMs} ms, which was not enough`
    }
    this.#shut({ code: 'CLOSED', message }, new FrontierError('EOF', message))
  }

  /** New work fails with `error` from now on, and so does what waits for a link. */
  #refuse(error: FrontierError): void {
    this.#refusal ??= error
    for (const wait of [...this.#linkWaits]) wait.reject(error)
  }

  /** The one way to the end of everything; only the first call counts. */
  #shut(reason: CloseReason, error: FrontierError): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    const refusal = new FrontierError('UNAVAILABLE', `this end is closed: ${reason.message}`, { cause: reason.error ?? error })
    this.#refusal = refusal
    this.#refuse(refusal)
    this.#seeker.stop()
    this.#connecting?.reject(error)
    this.#drainConfirmed?.resolve()
    this.#registrations.end(refusal)
    for (const session of this.#sessions()) session.close(error)
    this.channel.close(refusal)
    this.#acceptance.end()
    this.#statusListeners.tell({ type: 'closed', reason })
    this.#closed.resolve(reason)
  }
}
