/** Something that accepts connections. */
export interface Listener extends AsyncDisposable {
  /** Where it listens, in full, with the real port when 0 was asked for: `tcp://127.0.0.1:41234`. */
  readonly address: string
  /** Stops accepting, and closes what has not become a pipe yet. Pipes live on. Idempotent. */
  close(): Promise<void>
}
