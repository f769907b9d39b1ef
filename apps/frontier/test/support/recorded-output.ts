import type { Output } from '../../src/cli/output.js'

/** An output that keeps what was written to it. */
export class RecordedOutput implements Output {
  text = ''
  readonly hasColors = false
  readonly rows = 24
  readonly isTerminal: boolean
  readonly columns: number

  /** `columns` = of a terminal; without it is a pipe. */
  constructor(columns?: number) {
    this.isTerminal = columns !== undefined
    this.columns = columns ?? 80
  }

  async write(data: string | Uint8Array): Promise<void> {
    this.text += typeof data === 'string' ? data : Buffer.from(data).toString('latin1')
  }

  onResize(): Disposable {
    return { [Symbol.dispose]: () => undefined }
  }
}
