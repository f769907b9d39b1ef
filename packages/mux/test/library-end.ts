import { TestPort } from './lane-pair.js'

/** What the tests use of a stream of @chainsafe/libp2p-yamux. */
export interface LibraryStream extends AsyncIterable<Iterable<Uint8Array>> {
  readonly streamId: number
  readonly status: string
  send(bytes: Uint8Array): boolean
  close(): Promise<void>
  abort(error: Error): void
  pause(): void
  resume(): void
  addEventListener(type: 'message', listener: (event: { data: Iterable<Uint8Array> }) => void): void
  addEventListener(type: 'remoteCloseWrite' | 'close' | 'drain', listener: (event: { error?: Error }) => void): void
}

interface LibraryMuxer {
  readonly streams: LibraryStream[]
  createStream(): Promise<LibraryStream>
  addEventListener(type: 'stream', listener: (event: { detail: LibraryStream }) => void): void
}

interface Library {
  yamux(init: object): (components: object) => { createStreamMuxer(connection: object): LibraryMuxer }
}

// Its type declarations do not pass our compiler settings (docs/decisions/yamux-engine.md): the name is kept from the compiler.
const libraryName: string = '@chainsafe/libp2p-yamux'

const log: object = Object.assign((): void => undefined, { enabled: false, trace: (): void => undefined, error: (): void => undefined, newScope: () => log })

class Connection extends EventTarget {
  readonly log = log
  readonly direction: 'inbound' | 'outbound'
  isAborted = false
  readonly #port: TestPort

  constructor(port: TestPort, direction: 'inbound' | 'outbound') {
    super()
    this.#port = port
    this.direction = direction
  }

  send(data: Uint8Array | Iterable<Uint8Array>): boolean {
    const parts = data instanceof Uint8Array ? [data] : [...data]
    const frame = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      frame.set(part, at)
      at += part.length
    }
    this.#port.send(frame)
    return this.#port.writable
  }

  /** The library gives the session up. */
  abort(): void {
    this.isAborted = true
  }
}

/** The library as one end of a link. */
export class LibraryEnd {
  readonly muxer: LibraryMuxer
  readonly port: TestPort
  /** Streams the other side opened. */
  readonly accepted: LibraryStream[] = []
  readonly #connection: Connection

  private constructor(library: Library, role: 'client' | 'server', take: (frame: Uint8Array) => void) {
    this.port = new TestPort(take)
    this.#connection = new Connection(this.port, role === 'client' ? 'outbound' : 'inbound')
    this.muxer = library.yamux({ enableKeepAlive: false })({}).createStreamMuxer(this.#connection)
    this.port.onWritable = () => {
      this.#connection.dispatchEvent(new Event('drain'))
    }
  }

  /** Whether the library has given the whole session up. */
  get isAborted(): boolean {
    return this.#connection.isAborted
  }

  /** Frames of the other side; also several in one buffer. */
  push(bytes: Uint8Array): void {
    this.#connection.dispatchEvent(Object.assign(new Event('message'), { data: bytes }))
  }

  /** The link is gone. */
  close(): void {
    this.#connection.dispatchEvent(new Event('close'))
  }

  /** `takesStreams`: whether a listener takes the other side's streams as they come. */
  static async create(role: 'client' | 'server', take: (frame: Uint8Array) => void, takesStreams = true): Promise<LibraryEnd> {
    const end = new LibraryEnd((await import(libraryName)) as Library, role, take)
    if (takesStreams) {
      end.muxer.addEventListener('stream', (event) => {
        end.accepted.push(event.detail)
      })
    }
    return end
  }
}

/** Gathers what a library stream receives. */
export class LibraryReader {
  bytes = 0
  readonly chunks: Uint8Array[] = []
  hasEnded = false
  closeError: Error | undefined = undefined
  isClosed = false

  constructor(stream: LibraryStream) {
    stream.addEventListener('message', (event) => {
      for (const part of event.data) {
        this.chunks.push(part.slice())
        this.bytes += part.length
      }
    })
    stream.addEventListener('remoteCloseWrite', () => {
      this.hasEnded = true
    })
    stream.addEventListener('close', (event) => {
      this.isClosed = true
      this.closeError = event.error
    })
  }
}
