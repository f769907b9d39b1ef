import type { Connection } from './connection.js'
import type { ContextStore } from './context-store.js'
import type { GatewayApi } from './gateway-api.js'
import type { Output } from './output.js'

/** The world around a command. */
export interface CliHost {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: Output
  /** For progress and remarks; errors are thrown. */
  readonly error: Output
  readonly contexts: ContextStore
  /** Aborts on SIGINT, SIGTERM and SIGHUP. */
  readonly stop: AbortSignal
  /** All of stdin. */
  readStdin(): Promise<Uint8Array>
  /** Keys pressed at the terminal, without waiting for Enter, until disposed; no-op when stdin is none. */
  onKey(listener: (key: string) => void): Disposable
  /** Which gateway the flags and contexts say. @throws INVALID_ARGUMENT */
  connection(): Promise<Connection>
  /** That gateway's API; nothing is dialled before the first call. @throws INVALID_ARGUMENT */
  gateway(): Promise<GatewayApi>
}
