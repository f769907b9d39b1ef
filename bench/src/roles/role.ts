import type { CallerTarget, CallLoad, CallOutcome, StreamLoad } from '../load.js'

/** What runs in a worker process: what it tells when it is ready, and the commands it takes. Everything that passes is JSON. */
export interface Role {
  readonly info: unknown
  readonly commands: Readonly<Record<string, (params: never) => unknown>>
}

/** Stands in the middle, with a port for each side. */
export interface MiddleRole {
  readonly info: { readonly servicePort: number; readonly edgePort: number }
  readonly commands: Record<string, never>
}

/** Edges that call. */
export interface CallerRole {
  readonly info: null
  readonly commands: {
    connect(target: CallerTarget): Promise<void>
    run(load: CallLoad): Promise<CallOutcome>
    disconnect(): Promise<void>
  }
}

/** A service that echoes. Bare: to a relay without a handshake. */
export interface ResponderRole {
  readonly info: null
  readonly commands: { connect(target: { port: number; bare: boolean }): Promise<void> }
}

/** A service that counts the bytes of streams; `expect` comes before each. */
export interface SinkRole {
  readonly info: null
  readonly commands: { expect(stream: { port: number; bytes: number }): Promise<void> }
}

/** An edge that writes a stream; resolves when the sink has said that it has everything. */
export interface SourceRole {
  readonly info: null
  readonly commands: { send(stream: StreamLoad): Promise<{ seconds: number }> }
}
