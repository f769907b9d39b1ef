// A gateway with a script instead of a registry: it welcomes or refuses, echoes, dies and drains on command, and with both an edge and a service on
// line it forwards between the two. Ids need no table: with one link on each side, 2n+1 here is 2n+2 there.
import { Link, type LinkHandler } from '@frontier/mux'
import { listen, type BytePipe, type Listener } from '@frontier/transport'
import {
  bodyOffset,
  encodeError,
  encodeFrame,
  encodeRawFrame,
  Flag,
  FrameType,
  FrontierError,
  parseBody,
  parseKey,
  readFlags,
  readId,
  readPeer,
  readType,
  toBytes,
  utf8,
  writeId,
  writePeerParts,
} from '@frontier/wire'

/** What a dialler said of itself. */
export interface SeenHello {
  role: 'edge' | 'service'
  name: string
  wantedId: bigint
  meta: Uint8Array
  methods: string[]
  token?: string
  resume?: string
  labels: Record<string, string>
  topics: string[]
  snapshot?: boolean
}

export interface Script {
  /** Throw to refuse, 'silence' never to answer; the result overrides fields of the welcome. */
  onHello?(hello: SeenHello): { id?: bigint; json?: Record<string, unknown> } | 'silence' | undefined
  /** true: the frame was dealt with. */
  onFrame?(link: FakeLink, bytes: Uint8Array, start: number, end: number): boolean
  /** Whether a GOODBYE with DRAIN is answered; true by default. */
  confirmsDrain?: boolean
}

let names = 0
const YAMUX_FIN = 4
const YAMUX_RST = 8

export class FakeGateway {
  script: Script
  /** Links that said hello and were welcomed, in order; those that are over too. */
  readonly links: FakeLink[] = []
  readonly hellos: SeenHello[] = []
  /** Connections, welcomed or not. */
  connections = 0
  readonly #listener: Listener
  #nextId = 1000n

  private constructor(listener: Listener, script: Script) {
    this.#listener = listener
    this.script = script
  }

  static async start(script: Script = {}, name = `fake-${++names}`): Promise<FakeGateway> {
    const started: FakeGateway[] = []
    const listener = await listen(`memory://${name}`, { onPipe: (pipe) => started[0]!.#onPipe(pipe) })
    const gateway = new FakeGateway(listener, script)
    started.push(gateway)
    return gateway
  }

  get address(): string {
    return this.#listener.address
  }

  /** The newest link that is up. */
  get link(): FakeLink {
    const link = this.links.findLast((each) => !each.isClosed)
    if (link === undefined) throw new Error('no link')
    return link
  }

  /** Takes no more connections. */
  async stopListening(): Promise<void> {
    await this.#listener.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopListening()
    for (const link of this.links) link.die()
  }

  grantId(): bigint {
    return this.#nextId++
  }

  /** The other side, when both are there. */
  otherOf(link: FakeLink): FakeLink | undefined {
    return this.links.findLast((each) => !each.isClosed && each.hello.role !== link.hello.role)
  }

  #onPipe(pipe: BytePipe): void {
    this.connections++
    new FakeLink(this, pipe)
  }
}

function otherStreamId(id: number): number {
  return (id & 1) === 1 ? id + 1 : id - 1
}

export class FakeLink implements LinkHandler {
  hello!: SeenHello
  id = 0n
  isClosed = false
  /** Method and topic names registered after the hello. */
  readonly registered = new Set<string>()
  /** Types of the control frames that came in, in order. */
  readonly received: number[] = []
  goodbye: { code: string; isDrain: boolean } | undefined
  readonly #gateway: FakeGateway
  readonly #link: Link
  readonly #streams = new Set<number>()
  /** Streams whose FIN came in here. */
  readonly #finished = new Set<number>()
  readonly #helloParts: Uint8Array[] = []

  constructor(gateway: FakeGateway, pipe: BytePipe) {
    this.#gateway = gateway
    this.#link = new Link(pipe, this)
  }

  /** The connection breaks, without a goodbye. */
  die(): void {
    this.#link.abort()
  }

  /** GOODBYE with this code, then the end. */
  sayGoodbye(error: FrontierError): void {
    this.#link.close(error, true)
  }

  /** GOODBYE with DRAIN. */
  drain(budgetMs: number): void {
    this.send(encodeFrame({ type: FrameType.GOODBYE, flags: Flag.DRAIN, budgetMs, key: 'DRAINING', data: toBytes('going away') }))
  }

  send(frame: Uint8Array, start = 0, end = frame.length): void {
    this.#link.sendControl(frame, start, end)
  }

  sendStream(frame: Uint8Array, start: number, end: number): void {
    this.#link.sendStream(frame, start, end)
  }

  call(id: number, method: string, data = '', peer = 0n): void {
    this.send(encodeFrame({ type: FrameType.CALL, id, key: method, peer, data: toBytes(data) }))
  }

  onControlFrame(bytes: Uint8Array, start: number, end: number): void {
    const type = readType(bytes, start)
    this.received.push(type)
    if (type === FrameType.HELLO) {
      this.#onHello(bytes, start, end)
      return
    }
    if (this.#gateway.script.onFrame?.(this, bytes, start, end) === true) return
    switch (type) {
      case FrameType.PING:
        this.send(encodeRawFrame({ type: FrameType.PONG, id: readId(bytes, start), body: bytes.subarray(bodyOffset(bytes, start), end) }))
        return
      case FrameType.PONG:
        return
      case FrameType.GOODBYE:
        this.#onGoodbye(bytes, start, end)
        return
      case FrameType.REGISTER:
        this.registered.add(parseKey(bytes, start, end))
        this.send(encodeFrame({ type: FrameType.ANSWER, id: readId(bytes, start) }))
        return
      case FrameType.UNREGISTER:
        this.registered.delete(parseKey(bytes, start, end))
        this.send(encodeFrame({ type: FrameType.ANSWER, id: readId(bytes, start) }))
        return
      default: {
        const other = this.#gateway.otherOf(this)
        if (other === undefined) this.#answer(type, bytes, start, end)
        else this.#forward(other, bytes, start, end)
      }
    }
  }

  onStreamFrame(bytes: Uint8Array, start: number, end: number): void {
    const other = this.#gateway.otherOf(this)
    const id = new DataView(bytes.buffer, bytes.byteOffset + start).getUint32(4)
    if (other === undefined || !this.#streams.has(id)) return
    new DataView(bytes.buffer, bytes.byteOffset + start).setUint32(4, otherStreamId(id))
    other.sendStream(bytes, start, end)
    const flags = bytes[start + 3]!
    if ((flags & YAMUX_FIN) !== 0) this.#finished.add(id)
    // Over for both sides: the end of a link is no news to it any more.
    if ((flags & YAMUX_RST) !== 0 || (this.#finished.has(id) && other.#finished.has(otherStreamId(id)))) {
      for (const [link, streamId] of [[this, id], [other, otherStreamId(id)]] as const) {
        link.#streams.delete(streamId)
        link.#finished.delete(streamId)
      }
    }
  }

  onWritable(): void {}

  onClosed(): void {
    this.isClosed = true
    if (this.#streams.size === 0) return
    const other = this.#gateway.otherOf(this)
    for (const id of this.#streams) other?.send(encodeError(FrameType.STREAM_RESET, otherStreamId(id), new FrontierError('EOF', 'the other link went'), true))
  }

  #onHello(bytes: Uint8Array, start: number, end: number): void {
    if (this.#helloParts.length > 0 || (readFlags(bytes, start) & Flag.MORE) !== 0) {
      this.#helloParts.push(bytes.slice(this.#helloParts.length === 0 ? start : bodyOffset(bytes, start), end))
      if ((readFlags(bytes, start) & Flag.MORE) !== 0) return
      bytes = Uint8Array.from(this.#helloParts.flatMap((part) => [...part]))
      start = 0
      end = bytes.length
    }
    const body = parseBody(bytes, start, end)
    const about = JSON.parse(utf8(body.data)) as Omit<SeenHello, 'name' | 'wantedId' | 'meta'>
    const hello: SeenHello = { ...about, name: utf8(body.key), wantedId: readPeer(bytes, start), meta: body.meta.slice() }
    this.hello = hello
    this.#gateway.hellos.push(hello)
    try {
      const scripted = this.#gateway.script.onHello?.(hello) ?? {}
      if (scripted === 'silence') return
      const { id, json: overrides } = scripted
      this.id = id ?? (hello.wantedId === 0n ? this.#gateway.grantId() : hello.wantedId)
      const welcome = {
        generation: String(Date.now() * 1000),
        resume: `resume-${this.id}`,
        resumed: hello.resume === `resume-${this.id}`,
        pingIntervalMs: 30_000,
        maxInFlight: 4096,
        gateway: 'fake',
        ...overrides,
      }
      this.#gateway.links.push(this)
      this.send(encodeFrame({ type: FrameType.WELCOME, id: 1, peer: this.id, data: toBytes(JSON.stringify(welcome)) }))
    } catch (error) {
      this.sayGoodbye(error as FrontierError)
    }
  }

  #onGoodbye(bytes: Uint8Array, start: number, end: number): void {
    const isDrain = (readFlags(bytes, start) & Flag.DRAIN) !== 0
    this.goodbye = { code: parseKey(bytes, start, end), isDrain }
    if (!isDrain) this.#link.close()
    else if (this.#gateway.script.confirmsDrain !== false) this.drain(0xffff_ffff)
  }

  /** Alone: calls of 'echo' come back, others are not known; messages are acknowledged, streams refused. */
  #answer(type: number, bytes: Uint8Array, start: number, end: number): void {
    const id = readId(bytes, start)
    if (type === FrameType.CALL) {
      const body = parseBody(bytes, start, end)
      const method = utf8(body.key)
      if (method === 'echo') this.send(encodeFrame({ type: FrameType.ANSWER, id, meta: body.meta, data: body.data }))
      else if (method !== 'never') this.send(encodeError(FrameType.ANSWER, id, new FrontierError('RPC_NOT_ONLINE', `nobody serves '${method}'`), true))
    } else if (type === FrameType.MESSAGE) {
      if ((readFlags(bytes, start) & Flag.NO_ACK) === 0) this.send(encodeFrame({ type: FrameType.ACK, id }))
    } else if (type === FrameType.OPEN) {
      this.send(encodeError(FrameType.REFUSE, id, new FrontierError('SERVICE_NOT_ONLINE', 'no such service'), true))
    }
  }

  #forward(other: FakeLink, bytes: Uint8Array, start: number, end: number): void {
    const type = readType(bytes, start)
    const edgeId = this.hello.role === 'edge' ? this.id : other.id
    if (type >= FrameType.OPEN && type <= FrameType.STREAM_RESET) {
      const id = readId(bytes, start)
      writeId(bytes, start, otherStreamId(id))
      if (type === FrameType.ACCEPT) {
        this.#streams.add(id)
        other.#streams.add(otherStreamId(id))
      }
      const isWhole = (readFlags(bytes, start) & (Flag.MORE | Flag.CONT)) === 0
      if (type === FrameType.OPEN && isWhole) {
        const { meta } = parseBody(bytes, start, end)
        const service = this.hello.role === 'service' ? this.hello.name : other.hello.name
        other.send(encodeFrame({ type, id: otherStreamId(id), peer: edgeId, key: service, meta }))
        return
      }
    }
    if (other.hello.role === 'service') writePeerParts(bytes, start, Number(edgeId >> 32n), Number(edgeId & 0xffff_ffffn))
    else writePeerParts(bytes, start, 0, 0)
    other.send(bytes, start, end)
  }
}
