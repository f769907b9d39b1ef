import type { FrontierError } from '@frontier/wire'

/** Who the peer is, from the client certificate that was verified against the listener's authorities. */
export interface PeerIdentity {
  /** The distinguished name, as in `CN=edge-7,O=Acme`. */
  subject?: string
  /** The subject's alternative names, each with its kind: `DNS:edge-7`, `URI:spiffe://…`, `IP:10.0.0.7`, `email:…`. */
  san?: string[]
}

/** What a pipe tells its owner. None of these is called before `start`, nor from inside a call to the pipe. */
export interface PipeHandler {
  /** Bytes in the order they were sent. The chunk belongs to the handler: it may be rewritten in place and kept. */
  onBytes(chunk: Uint8Array): void
  /** `queuedBytes` is 0 again after a write that left it above 0. */
  onDrained(): void
  /** Exactly once, and the last event: the peer's FIN, our own `end` or `destroy`, or, with an EOF error, a broken connection. */
  onEnd(error?: FrontierError): void
}

/** One connected pipe of bytes, seen from either end; TCP, TLS, a unix socket or memory make no difference. */
export interface BytePipe {
  /** `127.0.0.1:5000`, `[::1]:5000`, `unix:/path` or `memory:name`. */
  readonly remoteAddress: string
  /** Set on accepted TLS pipes whose client certificate was verified. */
  readonly identity?: PeerIdentity
  /** Bytes written that the kernel (of memory pipes: the other end) has not taken yet. */
  readonly queuedBytes: number
  /** Bytes read from the socket and written to it, TLS included, since it was opened; of sockets only. */
  readonly receivedBytes?: number
  readonly writtenBytes?: number
  /** Begins the events; none comes before this returns. Throws INVALID_ARGUMENT the second time. A pipe that is not started reads next to nothing. */
  start(handler: PipeHandler): void
  /** Sends the chunks in order, with one system call when the kernel has room. Keeps references until they are sent. Never throws; a no-op after the end. */
  write(chunks: readonly Uint8Array[]): void
  /** Stops reading until `resume`; the peer is slowed down. At most what was already under way still arrives. */
  pause(): void
  resume(): void
  /** Sends what was written, then FIN. `onEnd` follows when the peer has closed, or after 1 s. */
  end(): void
  /** Drops what was not sent and closes now; `onEnd(error)` follows. */
  destroy(error?: FrontierError): void
}

/** How long a pipe that is ending waits for its own bytes to leave and for the peer to close, in milliseconds. */
export const LINGER_MS = 1_000
