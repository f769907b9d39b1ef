import type { Link, LinkHandler, StreamHalf } from '@frontier/mux'
import { type FrontierError, idHigh, idLow, type SplitFrame } from '@frontier/wire'
import { hashKeyOf } from './choice.js'
import type { Exchange } from './exchange.js'
import type { FairShare } from './fair-share.js'
import { hashId } from './id-table.js'
import { Party } from './party.js'
import type { PeerLimits } from './peer-limits.js'
import type { RegisteredNames } from './registered-names.js'
import type { Route } from './route-table.js'

/** Which side of the gateway a peer has dialled. */
export type Role = 'edge' | 'service'

/** Who a peer is, as its admission found out. */
export interface PeerInfo {
  role: Role
  id: bigint
  /** Name of a service; '' for an edge or an unnamed service. */
  name: string
  meta: Uint8Array
  labels: Readonly<Record<string, string>>
  /** Remote address. */
  address: string
  /** From its token or certificate. */
  identity?: { subject?: string; san?: string[] }
  wantedId?: bigint
  /** Microseconds; grows with every welcome of one id. */
  generation: number
  /** Unix milliseconds of the welcome. */
  at: number
}

const NO_NAMES: readonly string[] = []

/** One admitted peer: its link and everything the exchange knows of it. Also its entry in the registry, so that an idle peer is one object. */
export class Peer extends Party implements LinkHandler {
  readonly link: Link
  readonly role: Role
  readonly id: bigint
  readonly idHigh: number
  readonly idLow: number
  readonly name: string
  readonly meta: Uint8Array
  readonly labels: Readonly<Record<string, string>>
  readonly address: string
  readonly identity: { subject?: string; san?: string[] } | undefined
  readonly wantedId: bigint | undefined
  readonly generation: number
  readonly at: number
  readonly limits: PeerLimits
  /** Names it has registered, once there are any. */
  methodNames: RegisteredNames | undefined = undefined
  topicNames: RegisteredNames | undefined = undefined
  isOnline = false
  /** It asked to be left out of new requests: its names are out of the routes. */
  isDraining = false
  /** What its own requests are hashed by. */
  readonly hashKey: number
  /** What it weighs by as a taker. */
  readonly seed: number
  lastRoute: Route | undefined = undefined
  lastRouteVersion = 0
  lastTaker: Peer | undefined = undefined
  /** Its streams by their ids on its link. */
  streams: Map<number, StreamHalf> | undefined = undefined
  /** Even ids given to streams that are opened toward it. */
  lastStreamId = 0
  fairShare: FairShare | undefined = undefined
  /** Tick at which it was first seen above its mark; 0 = it is below. */
  slowSinceTick = 0
  /** Bytes it had taken off its queue when its pace was last checked. */
  takenBytes = 0
  readonly #exchange: Exchange

  constructor(exchange: Exchange, link: Link, info: PeerInfo, limits: PeerLimits = exchange.options.limits[info.role]) {
    super(link, limits.hardMarkBytes)
    this.#exchange = exchange
    this.link = link
    this.role = info.role
    this.id = info.id
    this.idHigh = idHigh(info.id)
    this.idLow = idLow(info.id)
    this.name = info.name
    this.meta = info.meta
    this.labels = info.labels
    this.address = info.address
    this.identity = info.identity
    this.wantedId = info.wantedId
    this.generation = info.generation
    this.at = info.at
    this.limits = limits
    this.hashKey = hashKeyOf(this, exchange.options.hashBy)
    this.seed = hashId(this.idHigh, this.idLow)
  }

  /** Whether it stands for a bridge of this gateway, and not for somebody who dialled in. */
  get isBridge(): boolean {
    return false
  }

  /** The id, by the name the registry knows it. */
  get edgeId(): bigint {
    return this.id
  }

  /** The id, by the name the registry knows it. */
  get serviceId(): bigint {
    return this.id
  }

  /** Methods it has registered: a list that never changes in place. */
  get methods(): readonly string[] {
    return this.methodNames === undefined ? NO_NAMES : this.methodNames.list
  }

  /** Topics it receives: a list that never changes in place. */
  get topics(): readonly string[] {
    return this.topicNames === undefined ? NO_NAMES : this.topicNames.list
  }

  /** Ends the link with GOODBYE and the error's code. What was queued goes out first, unless the peer does not take it. */
  close(error: FrontierError): void {
    if (this.link.queuedBytes > this.limits.markBytes) this.link.cutOff(error, true)
    else this.link.close(error, true)
  }

  onControlFrame(bytes: Uint8Array, start: number, end: number): void {
    this.#exchange.onControlFrame(this, bytes, start, end)
  }

  onStreamFrame(bytes: Uint8Array, start: number, end: number): void {
    this.#exchange.streams.onFrame(this, bytes, start, end)
  }

  onSplitStreamFrame(frame: SplitFrame): void {
    this.#exchange.streams.onSplitFrame(this, frame)
  }

  onWritable(): void {
    // The gateway pushes; only ends pull.
  }

  onClosed(error: FrontierError): void {
    this.#exchange.onPeerClosed(this, error)
  }
}
