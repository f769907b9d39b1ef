/** stdout or stderr: a terminal, a pipe or a file. */
export interface Output {
  readonly isTerminal: boolean
  readonly hasColors: boolean
  /** Of the terminal, 80 by 24 when it is none. */
  readonly columns: number
  readonly rows: number
  /** Resolves when there is room for more. */
  write(data: string | Uint8Array): Promise<void>
  /** Calls `listener` when the terminal's size changes. */
  onResize(listener: () => void): Disposable
}

/** The part of a `tty.WriteStream` that is needed here. */
export interface OutputStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(data: string | Uint8Array, done: (error?: Error | null) => void): boolean
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

/** An {@link Output} over a stream of the process. No colours when NO_COLOR is set to anything, TERM is dumb, or it is no terminal. `mayFail`: what cannot be written is lost. */
export function outputOf(stream: OutputStream, env: Readonly<Record<string, string | undefined>>, { mayFail = false }: { mayFail?: boolean } = {}): Output {
  const isTerminal = stream.isTTY === true
  return {
    isTerminal,
    hasColors: isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    get columns() {
      return stream.columns || 80
    },
    get rows() {
      return stream.rows || 24
    },
    write: (data) =>
      new Promise((resolve, reject) => {
        stream.write(data, (error) => (error == null || mayFail ? resolve() : reject(error)))
      }),
    onResize: (listener) => {
      stream.on('resize', listener)
      return { [Symbol.dispose]: () => void stream.off('resize', listener) }
    },
  }
}

/** Writes `value` as one line of JSON. */
export function writeJson(out: Output, value: unknown): Promise<void> {
  return out.write(`${JSON.stringify(value)}\n`)
}
