import { encodeFrame, encodeRawFrame, FIRST_IGNORED_TYPE, Flag, FrameType, FrontierError, type FrontierErrorCode, MAX_PING_BYTES, decodeError, readFlags, readType, bodyOffset, readId } from '@frontier/wire'
import { Bridges, type AttachedBridge } from './bridges.js'
import type { Bridge } from './bridge.js'
import type { RoutingPolicy } from './choice.js'
import { EdgeRequests, type EdgeAnswer, type EdgeRequest } from './edge-requests.js'
import { ExchangeCounters } from './exchange-counters.js'
import { type ExchangeOptions, type ResolvedExchangeOptions, resolveExchangeOptions } from './exchange-options.js'
import { Forwarder } from './forwarder.js'
import { type GatewayCall, type GatewayCallDone, GatewayCaller } from './gateway-caller.js'
import { IdTable } from './id-table.js'
import type { LatencySampler } from './latency-sampler.js'
import type { Party } from './party.js'
import type { PatternRoutes } from './pattern-routes.js'
import { Peer } from './peer.js'
import { type HookName, Registrations } from './registrations.js'
import { RouteTable } from './route-table.js'
import { Streams } from './streams.js'

/**
 * Decides who gets what. Admitted peers are added, their frames find their targets by edge id, method, topic or service name, and a peer that is slow, stuck or gone costs
 * only itself. Knows links by what they send and queue, never sockets.
 */
export class Exchange {
  readonly options: ResolvedExchangeOptions
  readonly counters: ExchangeCounters = new ExchangeCounters()
  readonly methods: RouteTable = new RouteTable()
  readonly topics: RouteTable = new RouteTable()
  /** Service names; an unnamed service has none. */
  readonly names: RouteTable = new RouteTable()
  readonly edges: IdTable<Peer> = new IdTable<Peer>()
  readonly services: IdTable<Peer> = new IdTable<Peer>()
  readonly streams: Streams
  /** Ways out of the gateway, into message brokers for one. */
  readonly bridges: Bridges
  /** New requests and streams are refused with DRAINING. */
  isDraining = false
  readonly #hooks = new RouteTable()
  readonly #forwarder: Forwarder
  readonly #registrations: Registrations
  readonly #caller: GatewayCaller
  readonly #edgeRequests: EdgeRequests
  readonly #onTick = {
    onTick: (tick: number): void => {
      this.#forwarder.expire(tick)
      this.#forwarder.latency.onTick()
      this.streams.expire(tick)
    },
  }

  /** Options have defaults; see {@link ExchangeOptions}. */
  constructor(options: ExchangeOptions = {}) {
    this.options = resolveExchangeOptions(options)
    this.bridges = new Bridges(this)
    this.#forwarder = new Forwarder(this, this.options, this.counters)
    this.#caller = new GatewayCaller(this.#forwarder)
    this.#edgeRequests = new EdgeRequests(this, this.#forwarder)
    this.#registrations = new Registrations({ methods: this.methods, topics: this.topics, hooks: this.#hooks }, this.options)
    this.streams = new Streams(this, this.options, this.counters)
    this.options.sweep.add(this.#onTick)
  }

  /** Sets a routing policy of your own, which is asked before the configured hash; undefined takes it back. */
  routeBy(policy: RoutingPolicy | undefined): void {
    this.options.policy = policy
  }

  /** Patterns of topics that bridges take. */
  get topicPatterns(): PatternRoutes {
    return this.bridges.patterns
  }

  /**
   * Adds a bridge: from then on it gets its share of the messages of its topics. Rejects with INVALID_ARGUMENT when its name or a topic does not hold, DRAINING once the
   * gateway is closed, or with what its `start` rejects with.
   */
  addBridge(bridge: Bridge): Promise<AttachedBridge> {
    return this.bridges.add(bridge)
  }

  /** Requests that wait for their answers. */
  get pendingCount(): number {
    return this.#forwarder.pending.size
  }

  /** How long requests take; nothing is measured before its `start()`. */
  get latency(): LatencySampler {
    return this.#forwarder.latency
  }

  /**
   * Makes `peer` reachable, with the names that came with its hello. Its id must be free, and it must be its link's handler.
   * @throws INVALID_ARGUMENT, PERMISSION_DENIED or RATE_LIMITED when it may not register a name, EOF when its link is over already; then it was not added.
   */
  add(peer: Peer, registrations: { methods: readonly string[]; topics: readonly string[] }): void {
    if (peer.link.isClosed) throw new FrontierError('EOF', 'the link went away')
    this.#registrations.addAll(peer, registrations.methods, registrations.topics)
    if (peer.role === 'edge') this.edges.set(peer.id, peer)
    else {
      this.services.set(peer.id, peer)
      if (peer.name !== '') this.names.add(peer.name, peer)
    }
    peer.isOnline = true
  }

  /** Takes `peer` out of the routes: it gets no new requests or streams, and goes on with what it has. */
  suspend(peer: Peer): void {
    if (peer.isDraining) return
    peer.isDraining = true
    this.#registrations.unroute(peer)
    if (peer.role === 'edge') this.#forget(this.edges, peer)
    else if (peer.name !== '') this.names.remove(peer.name, peer)
  }

  /** The services that have registered a hook. */
  hookServices(name: HookName): readonly Peer[] {
    return this.#hooks.get(name)?.takers ?? []
  }

  /** A call of the gateway itself; resolves with the answer's data. Rejects with the service's error, TIMEOUT, or EOF when the service goes away. */
  callService(service: Peer, method: string, request: GatewayCall): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.askService(service, method, request, (error, data) => {
        if (error === undefined) resolve(data)
        else reject(error)
      })
    })
  }

  /** As {@link callService}; `done` hears of success before the next frame of the service is looked at. */
  askService(service: Peer, method: string, request: GatewayCall, done: GatewayCallDone): void {
    this.#caller.ask(service, method, request, done)
  }

  /**
   * A call of an edge by the gateway itself. Rejects with EDGE_NOT_ONLINE, RPC_NOT_ONLINE for a reserved name, BUFFER_FULL, PAYLOAD_TOO_LARGE, DRAINING, the edge's error,
   * TIMEOUT, EOF when the edge goes away, or CANCELLED when the signal aborts.
   */
  callEdge(edgeId: bigint, method: string, request: EdgeRequest): Promise<EdgeAnswer> {
    return this.#edgeRequests.call(edgeId, method, request)
  }

  /** A message to an edge from the gateway itself; resolves when the edge is done with it, or at once with `isAtMostOnce`. Rejects as {@link callEdge}. */
  publishToEdge(edgeId: bigint, topic: string, request: EdgeRequest & { isAtMostOnce?: boolean }): Promise<void> {
    return this.#edgeRequests.publish(edgeId, topic, request)
  }

  /** Whether nothing of `peer` is in flight: no requests either way, no streams. */
  isQuiet(peer: Peer): boolean {
    return peer.asked === 0 && peer.owed === 0 && peer.streams === undefined
  }

  /** Stops the clock; peers are closed by their owner. */
  close(): void {
    this.options.sweep.remove(this.#onTick)
  }

  /** Takes one control frame of an admitted peer. @throws PROTOCOL_ERROR when the peer may not send it; the link ends then. */
  onControlFrame(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    switch (readType(bytes, start)) {
      case FrameType.CALL:
      case FrameType.MESSAGE:
        this.#forwarder.request(peer, bytes, start, end)
        break
      case FrameType.ANSWER:
      case FrameType.ACK:
        this.#forwarder.answer(peer, bytes, start, end)
        break
      case FrameType.CANCEL:
        this.#forwarder.cancel(peer, bytes, start)
        break
      case FrameType.PROGRESS:
        this.#forwarder.progress(peer, bytes, start, end)
        break
      case FrameType.OPEN:
        this.streams.open(peer, bytes, start, end)
        break
      case FrameType.ACCEPT:
      case FrameType.REFUSE:
        this.streams.settle(peer, bytes, start, end)
        break
      case FrameType.STREAM_RESET:
        this.streams.reset(peer, bytes, start, end)
        break
      case FrameType.REGISTER:
      case FrameType.UNREGISTER:
        this.#registrations.onFrame(peer, bytes, start, end)
        break
      default:
        this.#onRareFrame(peer, bytes, start, end)
    }
    // Refusals, pongs and answers to registrations count, too.
    if (peer.link.queuedBytes > peer.limits.hardMarkBytes) this.cutOff(peer)
  }

  /** The peer's link is over. Called by the peer. */
  onPeerClosed(peer: Peer, error: FrontierError): void {
    if (!peer.isOnline) return
    peer.isOnline = false
    this.suspend(peer)
    if (peer.role === 'service' && !peer.isBridge) this.#forget(this.services, peer)
    const [code, reason] = failureOf(peer, error)
    this.#forwarder.peerGone(peer, code, reason)
    this.streams.peerGone(peer)
    if (!peer.isBridge) this.options.events.peerOffline(peer, error)
  }

  /** Closes `peer` when it has been above its mark, or has taken nothing of what waits for it, for too long, or is above its hard mark. Called for every peer now and then, by whoever sweeps the links. */
  checkPace(peer: Peer, tick: number): void {
    const { queuedBytes, sentBytes } = peer.link
    const takenBytes = sentBytes - queuedBytes
    // One source alone cannot fill a queue up to the mark: a peer that takes nothing of what waits for it is stuck all the same.
    const hasTaken = queuedBytes === 0 || takenBytes !== peer.takenBytes
    peer.takenBytes = takenBytes
    if (queuedBytes > peer.limits.hardMarkBytes) this.cutOff(peer)
    else if (queuedBytes <= peer.limits.markBytes && hasTaken) peer.slowSinceTick = 0
    else if (peer.slowSinceTick === 0) peer.slowSinceTick = tick
    else if (tick - peer.slowSinceTick >= this.options.sweep.ticksFor(peer.limits.slowAfterMs)) this.cutOff(peer)
  }

  #onRareFrame(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    const type = readType(bytes, start)
    if (type === FrameType.PING) {
      const body = bytes.subarray(bodyOffset(bytes, start), end)
      if (body.length > MAX_PING_BYTES) throw new FrontierError('PROTOCOL_ERROR', `a PING of ${body.length} bytes, at most ${MAX_PING_BYTES} are allowed`)
      peer.link.sendControl(encodeRawFrame({ type: FrameType.PONG, id: readId(bytes, start), body }))
    } else if (type === FrameType.GOODBYE) this.#onGoodbye(peer, bytes, start, end)
    else if (type < FIRST_IGNORED_TYPE && type !== FrameType.PONG) throw new FrontierError('PROTOCOL_ERROR', `a frame of type 0x${type.toString(16)} does not belong here`)
  }

  #onGoodbye(peer: Peer, bytes: Uint8Array, start: number, end: number): void {
    if ((readFlags(bytes, start) & Flag.DRAIN) !== 0) {
      this.suspend(peer)
      peer.link.sendControl(encodeFrame({ type: FrameType.GOODBYE, flags: Flag.DRAIN, key: 'DRAINING' }))
      return
    }
    const { reason } = decodeError(bytes, start, end)
    // It reads nothing more: requests that wait for it go elsewhere.
    peer.link.cutOff(new FrontierError('EOF', reason === '' ? 'the peer said goodbye' : `the peer said goodbye: ${reason}`, { origin: 'peer' }), true)
  }

  /** Closes `peer` with SLOW_CONSUMER. The gateway itself is never slow. */
  cutOff(peer: Party): void {
    if (!(peer instanceof Peer)) return
    this.counters.slowConsumers++
    peer.link.cutOff(new FrontierError('SLOW_CONSUMER', `${peer.link.queuedBytes} bytes wait for it, ${peer.limits.hardMarkBytes} are allowed for a moment, ${peer.limits.markBytes} for longer`), true)
  }

  #forget(table: IdTable<Peer>, peer: Peer): void {
    // A newcomer may have the id already.
    if (table.get(peer.id) === peer) table.delete(peer.id)
  }
}

/** What those who wait for an answer of a peer that has gone are told. */
function failureOf(peer: Peer, error: FrontierError): [FrontierErrorCode, string] {
  if (peer.isBridge) return ['BRIDGE_UNAVAILABLE', `the bridge ${peer.name} was removed`]
  const who = peer.role === 'edge' ? `edge ${peer.id}` : `service ${peer.name || peer.id}`
  return error.code === 'REPLACED' ? ['REPLACED', `a newer link took the id of ${who}`] : ['EOF', `${who} went away`]
}
