import { dial, type BytePipe, type DialTlsOptions } from '@frontier/transport'
import {
  encodeError,
  encodeFrame,
  Flag,
  FrameDecoder,
  FrameType,
  type FrontierError,
  parseBody,
  readBudgetMs,
  readFlags,
  readId,
  readPeer,
  readType,
  splitBody,
  bodyOffset,
  toBytes,
  utf8,
  writeFlags,
  writeId,
  type FrameFields,
} from '@frontier/wire'

/** A control frame, taken apart. */
export interface RawFrame {
  type: number
  flags: number
  id: number
  budgetMs: number
  peer: bigint
  key: string
  meta: Uint8Array
  data: Uint8Array
}

export interface HelloInput {
  role?: string
  id?: bigint
  name?: string
  meta?: string | Uint8Array
  version?: number
  [field: string]: unknown
}

export interface WelcomeFields {
  id: bigint
  generation: string
  resume: string
  resumed: boolean
  pingIntervalMs: number
  maxFrameBytes: number
  maxPayloadBytes: number
  maxInFlight: number
  gateway: string
}

/** What a hook is called with (docs/protocol.md, section 4). */
export interface HookBody {
  address: string
  edgeId: string
  generation: string
  at: number
  wantedId?: string
  labels: Record<string, string>
  identity?: { subject?: string; san?: string[] }
}

/** The JSON of `frame`'s payload. */
export function jsonOf(frame: RawFrame): HookBody {
  return JSON.parse(utf8(frame.data))
}

/** Waits, 10 s at most, until `check` returns something, or stops throwing when it is an assertion. */
export async function eventually<T>(check: () => T | undefined | false, what = 'a condition'): Promise<T> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const value = check()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`waited too long for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** An edge or service that speaks the wire protocol by hand. */
export class RawPeer {
  readonly frames: RawFrame[] = []
  /** All calls it got, in order. */
  readonly calls: RawFrame[] = []
  isEnded = false
  id = 0n
  welcome!: WelcomeFields
  readonly pipe: BytePipe
  #handlers = new Map<string, (call: RawFrame) => void>()
  #fragments: Uint8Array[] = []
  readonly #answered = new Set<RawFrame>()

  constructor(pipe: BytePipe) {
    this.pipe = pipe
    const decoder = new FrameDecoder({ onControlFrame: (bytes, start, end) => this.#onFrame(bytes, start, end), onStreamFrame() {} })
    pipe.start({
      onBytes: (chunk) => decoder.push(chunk),
      onDrained() {},
      onEnd: () => {
        this.isEnded = true
      },
    })
  }

  static async dial(address: string, tls?: DialTlsOptions): Promise<RawPeer> {
    return new RawPeer(await dial(address, tls === undefined ? {} : { tls }))
  }

  /** Dials, says HELLO and waits for the WELCOME. */
  static async connect(address: string, hello: HelloInput = {}): Promise<RawPeer> {
    const peer = await RawPeer.dial(address)
    peer.hello(hello)
    await peer.welcomed()
    return peer
  }

  send(frame: FrameFields): void {
    this.pipe.write([encodeFrame(frame)])
  }

  hello(input: HelloInput = {}): void {
    const { id = 0n, name = '', meta = '', version = 1, ...fields } = input
    const data = toBytes(JSON.stringify({ role: 'edge', ...fields }))
    this.send({ type: FrameType.HELLO, id: version, peer: id, key: name, meta: toBytes(meta), data })
  }

  async welcomed(): Promise<WelcomeFields> {
    const frame = await eventually(() => {
      const goodbye = this.frames.find((other) => other.type === FrameType.GOODBYE)
      if (goodbye !== undefined) throw new Error(`refused: ${goodbye.key} ${utf8(goodbye.data)}`)
      return this.frames.find((other) => other.type === FrameType.WELCOME)
    }, 'WELCOME')
    this.id = frame.peer
    this.welcome = { id: frame.peer, ...(JSON.parse(utf8(frame.data)) as Omit<WelcomeFields, 'id'>) }
    return this.welcome
  }

  /** Waits for a GOODBYE (without DRAIN) and the end of the link; its code and reason. */
  async goodbye(): Promise<{ code: string; reason: string }> {
    const frame = await eventually(
      () => this.frames.find((other) => other.type === FrameType.GOODBYE && (other.flags & Flag.DRAIN) === 0),
      'GOODBYE',
    )
    await this.ended()
    return { code: frame.key, reason: utf8(frame.data) }
  }

  async ended(): Promise<void> {
    await eventually(() => this.isEnded, 'the end of the link')
  }

  async frame(type: number): Promise<RawFrame> {
    return eventually(() => this.frames.find((frame) => frame.type === type), `a frame of type ${type}`)
  }

  /** Waits for the n-th call of `method`, counted from 1. */
  async call(method: string, n = 1): Promise<RawFrame> {
    return eventually(() => this.calls.filter((call) => call.key === method)[n - 1], `call ${n} of ${method}`)
  }

  /** Answers calls of `method`, those that wait already too: with nothing, with data, or with a thrown error. */
  on(method: string, handler: (call: RawFrame) => Uint8Array | string | undefined | void): this {
    this.#handlers.set(method, (call) => {
      try {
        this.answer(call, handler(call) ?? undefined)
      } catch (error) {
        this.fail(call, error as FrontierError)
      }
    })
    for (const call of this.calls) if (call.key === method && !this.#answered.has(call)) this.#handlers.get(method)!(call)
    return this
  }

  answer(call: RawFrame, data: Uint8Array | string = ''): void {
    this.#answered.add(call)
    this.send({ type: FrameType.ANSWER, id: call.id, data: toBytes(data) })
  }

  fail(call: RawFrame, error: FrontierError): void {
    this.#answered.add(call)
    this.pipe.write([encodeError(FrameType.ANSWER, call.id, error, false)])
  }

  register(name: string, id = 1): void {
    this.send({ type: FrameType.REGISTER, id, key: name })
  }

  /** A call through the gateway; its answer. */
  async request(method: string, peer = 0n, id = 77): Promise<RawFrame> {
    this.send({ type: FrameType.CALL, id, key: method, peer, budgetMs: 5000 })
    return eventually(() => this.frames.find((frame) => frame.type === FrameType.ANSWER && frame.id === id), `the answer of ${method}`)
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    const flags = readFlags(bytes, start)
    const header = { type: readType(bytes, start), flags, id: readId(bytes, start), budgetMs: readBudgetMs(bytes, start), peer: readPeer(bytes, start) }
    this.#fragments.push(bytes.slice(bodyOffset(bytes, start), end))
    if ((flags & Flag.MORE) !== 0) return
    const body = splitBody(Buffer.concat(this.#fragments.splice(0)))
    const frame: RawFrame = { ...header, key: utf8(body.key), meta: body.meta, data: body.data }
    this.frames.push(frame)
    if (frame.type !== FrameType.CALL) return
    this.calls.push(frame)
    this.#handlers.get(frame.key)?.(frame)
  }
}

/** `frame` cut in `parts` fragments. */
export function fragmentsOf(frame: Uint8Array, parts: number): Uint8Array[] {
  const { key, meta, data } = parseBody(frame, 0, frame.length)
  const body = encodeFrame({ type: 1, key, meta, data }).subarray(24)
  const size = Math.ceil(body.length / parts)
  return Array.from({ length: parts }, (_, index) => {
    const piece = body.subarray(index * size, (index + 1) * size)
    const fragment = new Uint8Array(24 + piece.length)
    fragment.set(frame.subarray(0, 24))
    fragment.set(piece, 24)
    new DataView(fragment.buffer).setUint32(4, piece.length)
    writeFlags(fragment, 0, (index > 0 ? Flag.CONT : 0) | (index < parts - 1 ? Flag.MORE : 0))
    writeId(fragment, 0, new DataView(frame.buffer, frame.byteOffset).getUint32(8))
    return fragment
  })
}
