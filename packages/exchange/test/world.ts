import { FlushQueue, type Flushable, Link, Sweep, type Sweepable } from '@frontier/mux'
import {
  decodeError,
  encodeFrame,
  encodeRawFrame,
  Flag,
  type FrameFields,
  FrameType,
  type FrontierError,
  parseBody,
  type RawFrameFields,
  readBudgetMs,
  readFlags,
  readId,
  readPeer,
  readType,
  utf8,
} from '@frontier/wire'
import { Exchange } from '../src/exchange.js'
import type { ExchangeOptions } from '../src/exchange-options.js'
import { Peer, type PeerInfo, type Role } from '../src/peer.js'
import { FakePipe } from './fake-pipe.js'

const typeNames = new Map<number, string>(Object.entries(FrameType).map(([name, type]) => [type, name]))

/** A received frame, taken apart. */
export interface Seen {
  type: string
  id: number
  flags: number
  peer: bigint
  budgetMs: number
  key: string
  meta: string
  data: string
  bytes: Uint8Array
}

function seen(bytes: Uint8Array): Seen {
  const isStream = bytes[0] === 0
  const type = isStream ? 'STREAM' : (typeNames.get(readType(bytes, 0)) ?? `0x${readType(bytes, 0).toString(16)}`)
  let body = { key: new Uint8Array(), meta: new Uint8Array(), data: new Uint8Array() }
  const isPart = (readFlags(bytes, 0) & (Flag.CONT | Flag.MORE)) !== 0
  if (!isStream && !isPart && type !== 'PROGRESS' && type !== 'PONG') body = parseBody(bytes, 0, bytes.length) as typeof body
  return {
    type,
    id: isStream ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(4) : readId(bytes, 0),
    flags: isStream ? bytes[3]! : readFlags(bytes, 0),
    peer: isStream ? 0n : readPeer(bytes, 0),
    budgetMs: isStream ? 0 : readBudgetMs(bytes, 0),
    key: utf8(body.key),
    meta: utf8(body.meta),
    data: utf8(body.data),
    bytes,
  }
}

class ManualFlushQueue extends FlushQueue {
  #waiting: Flushable[] = []

  override add(link: Flushable): void {
    this.#waiting.push(link)
  }

  endTurn(): void {
    while (this.#waiting.length > 0) {
      const links = this.#waiting
      this.#waiting = []
      for (const link of links) link.flush()
    }
  }
}

class ManualSweep extends Sweep {
  readonly #members = new Set<Sweepable>()

  override add(member: Sweepable): void {
    this.#members.add(member)
  }

  override remove(member: Sweepable): void {
    this.#members.delete(member)
  }

  step(): void {
    this.tick++
    for (const member of this.#members) member.onTick(this.tick)
  }
}

/** One end of one link, as the peer behind it sees it. */
export class TestPeer {
  readonly pipe: FakePipe
  readonly peer: Peer
  readonly #world: World

  constructor(world: World, pipe: FakePipe, peer: Peer) {
    this.#world = world
    this.pipe = pipe
    this.peer = peer
  }

  /** Sends frames in one chunk; the turn ends. */
  send(...frames: (FrameFields | Uint8Array)[]): this {
    this.sendOnly(...frames)
    this.#world.endTurn()
    return this
  }

  /** Sends frames in one chunk; nothing is flushed yet. */
  sendOnly(...frames: (FrameFields | Uint8Array)[]): this {
    const encoded = frames.map((frame) => (frame instanceof Uint8Array ? frame : encodeFrame(frame)))
    const chunk = new Uint8Array(encoded.reduce((sum, frame) => sum + frame.length, 0))
    let at = 0
    for (const frame of encoded) {
      chunk.set(frame, at)
      at += frame.length
    }
    this.pipe.receive(chunk)
    return this
  }

  /** Sends a frame whose body is given as it is. */
  sendRaw(...frames: RawFrameFields[]): this {
    return this.send(...frames.map((frame) => encodeRawFrame(frame)))
  }

  /** All frames since the last look. */
  get received(): Seen[] {
    this.#world.endTurn()
    const { frames } = this.pipe
    this.pipe.frames = []
    return frames.map((frame) => seen(frame))
  }

  /** The one frame since the last look. */
  get only(): Seen {
    const all = this.received
    if (all.length !== 1) throw new Error(`one frame expected, not ${all.length}: ${all.map(({ type }) => type).join(' ')}`)
    return all[0]!
  }

  /** The one error frame since the last look, decoded. */
  get refusal(): FrontierError & { type: string; id: number } {
    const { bytes, type, id } = this.only
    return Object.assign(decodeError(bytes, 0, bytes.length), { type, id })
  }

  /** The link breaks. */
  leave(): void {
    this.pipe.finish()
    this.#world.endTurn()
  }
}

/** An exchange with a clock of the test's own, and what its events said. */
export class World {
  readonly exchange: Exchange
  readonly sweep: ManualSweep = new ManualSweep(250)
  readonly offline: { peer: Peer; code: string }[] = []
  readonly registered: string[] = []
  readonly #flushQueue = new ManualFlushQueue()
  #lastId = 0n

  constructor(options: ExchangeOptions = {}) {
    this.exchange = new Exchange({
      sweep: this.sweep,
      events: {
        peerOffline: (peer, error) => this.offline.push({ peer, code: error.code }),
        registered: (_peer, name, kind) => this.registered.push(`+${kind} ${name}`),
        unregistered: (_peer, name, kind) => this.registered.push(`-${kind} ${name}`),
      },
      ...options,
    })
  }

  edge(info: Partial<PeerInfo> & { methods?: string[] } = {}): TestPeer {
    return this.#connect('edge', info, info.methods ?? [], [])
  }

  service(name: string, methods: string[] = [], topics: string[] = [], info: Partial<PeerInfo> = {}): TestPeer {
    return this.#connect('service', { ...info, name }, methods, topics)
  }

  /** Time passes, and the pace of `peer` is looked at after each tick. */
  passChecking(peer: Peer, ms: number): void {
    for (let left = ms; left > 0; left -= this.sweep.tickMs) {
      this.pass(this.sweep.tickMs)
      this.exchange.checkPace(peer, this.sweep.tick)
    }
  }

  /** Time passes: the exchange looks at its deadlines at each tick. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= this.sweep.tickMs) this.sweep.step()
    this.endTurn()
  }

  endTurn(): void {
    this.#flushQueue.endTurn()
  }

  #connect(role: Role, info: Partial<PeerInfo>, methods: string[], topics: string[]): TestPeer {
    const id = info.id ?? ++this.#lastId
    const pipe = new FakePipe(info.address ?? `10.0.0.${id % 250n}:5000`)
    const ignore = { onControlFrame() {}, onStreamFrame() {}, onWritable() {}, onClosed() {} }
    const link = new Link(pipe, ignore, { clock: this.sweep, flushQueue: this.#flushQueue })
    const peer = new Peer(this.exchange, link, {
      name: '',
      meta: new Uint8Array(),
      labels: {},
      address: pipe.remoteAddress,
      generation: 1,
      at: 0,
      ...info,
      role,
      id,
    })
    link.handler = peer
    this.exchange.add(peer, { methods, topics })
    return new TestPeer(this, pipe, peer)
  }
}
