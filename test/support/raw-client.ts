import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import {
  bodyOffset,
  encodeFrame,
  FrameDecoder,
  FrameType,
  readFlags,
  readId,
  readPeer,
  readType,
  toBytes,
  utf8,
  type FrameFields,
} from '@frontier/wire'
import { vi } from 'vitest'
import { hostPort } from './loopback-gateway.js'

/** A control frame as it came. */
export interface ReceivedFrame {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly peer: bigint
  readonly body: Uint8Array
  /** Key and payload as text, of a frame with a three-part body. */
  readonly key: string
  readonly data: Uint8Array
}

/** What a raw client says in its HELLO; other fields go into the JSON as they are. */
export interface RawHello {
  role?: 'edge' | 'service'
  id?: bigint
  name?: string
  [field: string]: unknown
}

/** Writes what it likes on a socket of its own, and reads, or does not: a peer that keeps no rules. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket
  /** Frames received, but for those that `onFrame` has taken. */
  readonly frames: ReceivedFrame[] = []
  /** Takes a frame by returning true. */
  onFrame: (frame: ReceivedFrame) => boolean = () => false
  /** Yamux frames received: type, flags, stream id, length. */
  readonly streamFrames: { type: number; flags: number; id: number; length: number }[] = []
  receivedBytes = 0
  isEnded = false

  private constructor(socket: Socket) {
    this.socket = socket
    const decoder = new FrameDecoder(
      {
        onControlFrame: (bytes, start, end) => {
          const frame = frameOf(bytes.slice(start, end))
          if (!this.onFrame(frame)) this.frames.push(frame)
        },
        onStreamFrame: (bytes, start) => {
          const view = new DataView(bytes.buffer, bytes.byteOffset + start, 12)
          this.streamFrames.push({ type: view.getUint8(1), flags: view.getUint16(2), id: view.getUint32(4), length: view.getUint32(8) })
        },
      },
      1_048_576,
    )
    socket.on('data', (chunk: Buffer) => {
      this.receivedBytes += chunk.length
      decoder.push(chunk)
    })
    socket.on('error', () => undefined)
    socket.on('end', () => (this.isEnded = true))
    socket.on('close', () => (this.isEnded = true))
  }

  static async dial(address: string): Promise<RawClient> {
    const socket = connect({ ...hostPort(address), noDelay: true })
    const client = new RawClient(socket)
    await once(socket, 'connect')
    return client
  }

  /** Dials, says HELLO and waits for the welcome. */
  static async connect(address: string, hello: RawHello = {}): Promise<RawClient> {
    const client = await RawClient.dial(address)
    client.hello(hello)
    await client.welcome()
    return client
  }

  /** Whether everything written so far has left for the kernel. */
  get isDrained(): boolean {
    return this.socket.writableLength === 0
  }

  write(bytes: Uint8Array): void {
    if (!this.isEnded) this.socket.write(bytes)
  }

  send(frame: FrameFields): void {
    this.write(encodeFrame(frame))
  }

  hello(hello: RawHello = {}): void {
    this.write(encodeHello(hello))
  }

  /** The payload of the WELCOME, with the id. */
  async welcome(): Promise<{ id: bigint; resume: string }> {
    const frame = await this.frame(FrameType.WELCOME)
    return { ...(JSON.parse(utf8(frame.data)) as { resume: string }), id: frame.peer }
  }

  /** Waits for a frame of `type`. */
  frame(type: number): Promise<ReceivedFrame> {
    return vi.waitFor(
      () => {
        const found = this.frames.find((frame) => frame.type === type)
        if (found === undefined) throw new Error(`no frame of type 0x${type.toString(16)}; last: ${this.frames.at(-1)?.key}`)
        return found
      },
      { timeout: 10_000, interval: 5 },
    )
  }

  /** Waits for the end of the link; the code of the GOODBYE, '' when there was none. */
  async goodbye(): Promise<string> {
    await vi.waitFor(
      () => {
        if (!this.isEnded) throw new Error('the link lives')
      },
      { timeout: 20_000, interval: 5 },
    )
    return this.frames.find((frame) => frame.type === FrameType.GOODBYE)?.key ?? ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
  }
}

/** A HELLO in one frame. */
export function encodeHello(hello: RawHello = {}): Uint8Array {
  const { id = 0n, name = '', ...fields } = hello
  const data = toBytes(JSON.stringify({ role: 'edge', ...fields }))
  return encodeFrame({ type: FrameType.HELLO, id: 1, peer: id, key: name, data })
}

function frameOf(bytes: Uint8Array): ReceivedFrame {
  const body = bytes.subarray(bodyOffset(bytes, 0))
  const head = { type: readType(bytes, 0), flags: readFlags(bytes, 0), id: readId(bytes, 0), peer: readPeer(bytes, 0), body }
  if (body.length < 6 || head.type === FrameType.PROGRESS || head.type === FrameType.PONG) return { ...head, key: '', data: body }
  const view = new DataView(body.buffer, body.byteOffset)
  const keyEnd = 2 + view.getUint16(0)
  const dataAt = keyEnd + 4 + (keyEnd + 4 <= body.length ? view.getUint32(keyEnd) : 0)
  return { ...head, key: utf8(body.subarray(2, keyEnd)), data: body.subarray(Math.min(dataAt, body.length)) }
}
